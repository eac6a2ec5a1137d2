"""What platforms accept as a file of theirs: the schemas that they publish."""

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import yaml

SCHEMAS = Path(__file__).with_name("schemas")


def schema_of(platform: str) -> Any:
    return json.loads((SCHEMAS / f"{platform}.json").read_text(encoding="utf-8"))


def faults(text: str, platform: str) -> list[str]:
    """Return what the schema of a platform refuses in a text."""
    document = yaml.safe_load(text)
    if True in document:
        document["on"] = document.pop(True)  # what YAML 1.1 takes the key for
    errors = jsonschema_rs.validator_for(schema_of(platform)).iter_errors(document)
    return [f"{error.instance_path}: {error.message}" for error in errors]
