"""A small runner of composite actions: what GitHub does with a step, as far as ours needs it."""

import os
import re
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

import yaml

ROOT = Path(__file__).parents[2]
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))


class Outcome(NamedTuple):
    """What a run of the action left behind."""

    code: int
    log: str
    summary: str
    outputs: dict[str, str]


class Runner:
    """Runs the steps of action.yml in order, each in bash as GitHub starts it.

    Steps named in `skip` do not run: the caller has done what they do. Actions that it uses are
    written down in `used` with what they are given, and have the outputs of `answers`.
    """

    def __init__(
        self,
        work: Path,
        temporary: Path,
        environment: dict[str, str],
        context: dict[str, str] | None = None,
        answers: dict[str, dict[str, str]] | None = None,
    ) -> None:
        self.work = work
        self.temporary = temporary
        self.environment = environment
        self.context = context or {}
        self.answers = answers or {}
        self.used: list[tuple[str, dict[str, str]]] = []

    def run(self, inputs: dict[str, str], skip: tuple[str, ...] = ()) -> Outcome:
        given = {name: about.get("default", "") for name, about in ACTION["inputs"].items()}
        values = {f"inputs.{name}": value for name, value in {**given, **inputs}.items()}
        values["github.token"] = "a token"
        values["runner.temp"] = str(self.temporary)
        values.update(self.context)
        values = {name: _filled(value, values) for name, value in values.items()}
        log, code = "", 0
        for step in ACTION["runs"]["steps"]:
            condition = step.get("if", "true")
            if step["name"] in skip or not _holds(condition, values):
                continue
            if "uses" in step:
                given_to = {key: _filled(str(text), values) for key, text in step["with"].items()}
                self.used.append((step["uses"], given_to))
                outputs = self.answers.get(step["uses"].partition("@")[0], {})
            else:
                done, outputs = self._step(step, values)
                log, code = log + done.stdout, done.returncode
            values.update({f"steps.{step.get('id')}.outputs.{k}": v for k, v in outputs.items()})
            if code:
                break
        outputs = {
            name: _filled(about["value"], values) for name, about in ACTION["outputs"].items()
        }
        summary = self.temporary / "summary.md"
        return Outcome(code, log, summary.read_text("utf-8") if summary.exists() else "", outputs)

    def _step(
        self, step: dict[str, Any], values: dict[str, str]
    ) -> tuple[subprocess.CompletedProcess[str], dict[str, str]]:
        output = self.temporary / "output"
        output.write_text("")
        script = self.temporary / "step.sh"
        script.write_text(step["run"], encoding="utf-8")
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
            cwd=self.work / _filled(step.get("working-directory", "."), values),
            env={
                **os.environ,
                **self.environment,
                "RUNNER_TEMP": str(self.temporary),
                "GITHUB_ACTION_PATH": str(ROOT),
                "GITHUB_OUTPUT": str(output),
                "GITHUB_STEP_SUMMARY": str(self.temporary / "summary.md"),
                **{name: _filled(text, values) for name, text in step.get("env", {}).items()},
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
        )
        pairs = [line.partition("=") for line in output.read_text("utf-8").splitlines()]
        return done, {name: value for name, _, value in pairs}


def _filled(text: str, values: dict[str, str]) -> str:
    """Put values in place of `${{ name }}`; nothing where there is none, as GitHub does."""
    return re.sub(r"\$\{\{ (\S+) \}\}", lambda name: values.get(name[1], ""), text)


def _holds(condition: str, values: dict[str, str]) -> bool:
    """Evaluate the forms of condition that the action uses."""
    if condition == "true":
        return True
    read = re.fullmatch(r"(\S+) ([!=]=) '(\w*)'", condition)
    assert read, condition
    return (values.get(read[1], "") == read[3]) is (read[2] == "==")
