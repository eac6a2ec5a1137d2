"""What GitHub and GitLab accept as a file of theirs: the schemas that they publish."""

import json
from importlib.resources import files

import jsonschema_rs
import yaml


def faults(text: str, platform: str) -> list[str]:
    """Return what the schema of a platform refuses in a text."""
    vendor = files("check_jsonschema") / "builtin_schemas/vendor"
    schema = json.loads((vendor / f"{platform}.json").read_text(encoding="utf-8"))
    document = yaml.safe_load(text)
    if True in document:
        document["on"] = document.pop(True)  # what YAML 1.1 takes the key for
    errors = jsonschema_rs.validator_for(schema).iter_errors(document)
    return [f"{error.instance_path}: {error.message}" for error in errors]
