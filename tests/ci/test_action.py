"""The action on real repositories: its steps as shipped, and a script in the part of `gh`."""

import json
import shutil
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from tests.ci.runner import ACTION, ROOT, Outcome, Runner
from tests.platforms import faults
from tests.repository import Repository, net

BUDGET = """\
version: 1
base: {ref: origin/main}
budgets:
  - name: small
    models: ["models/*.yaml"]
    limits: {params: 7k}
    growth: {params: 10%}
    message: Ask the vision team.
"""
# Writes down its arguments and body; answers a list of comments through the filter that it got.
GH = """\
#!{python} -IS
import json, os, pathlib, sys
folder = pathlib.Path(__file__).parent
call = sys.argv[1:]
body = [pathlib.Path(text[6:]).read_text() for text in call if text.startswith("body=@")]
with open(folder / "calls", "a") as file:
    file.write(json.dumps([call, body, os.environ.get("GH_TOKEN")]) + "\\n")
if (folder / "read_only").exists() and "--method" in call:
    sys.exit("HTTP 403: Resource not accessible by integration")
if "--jq" in call:
    mark = os.environ["MARK"]
    for comment in json.loads((folder / "comments").read_text()):
        if comment["user"]["type"] == "Bot" and comment["body"].startswith(mark):
            print(comment["id"])
"""
URL = "https://github.example/owner/project/actions/runs/1/artifacts/2"
MARK = "<!-- bncalc:bncalc.budget.yaml -->"


CHECKED = ("Install", "Fetch the base", "Check", "Page")
"""The steps up to the verdict, which the steps after it only tell."""


class Project:
    """A clone of a repository with a pull request, and the files that GitHub's runner offers."""

    def __init__(self, folder: Path, upstream: Repository) -> None:
        self.upstream = upstream.copied(folder / "upstream")
        self.folder = folder
        self.temporary = folder / "temporary"
        self.tools = folder / "tools"
        for made in (self.temporary, self.tools):
            made.mkdir()
        # What the step `Install` makes, from the environment that runs the tests.
        (self.temporary / "bncalc").symlink_to(sys.prefix)
        gh = self.tools / "gh"
        gh.write_text(GH.format(python=sys.executable))
        gh.chmod(0o755)
        self.comments()
        self.can_upload = True
        self.used: list[tuple[str, dict[str, str]]] = []

    def comments(self, *comments: tuple[int, str, str]) -> None:
        made = [{"id": id, "user": {"type": who}, "body": text} for id, who, text in comments]
        (self.tools / "comments").write_text(json.dumps(made))

    def calls(self) -> list[Any]:
        file = self.tools / "calls"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    def run(
        self, *clone: str, event: object = None, push: dict[str, str] | None = None, **inputs: str
    ) -> Outcome:
        """Run the action on a clone, without a page unless one is asked for."""
        self.upstream.git(
            "clone", "--quiet", "--branch=change", *clone,
            f"file://{self.upstream.folder}", str(self.folder / "work"),
        )  # fmt: skip
        context = {f"github.{name}": value for name, value in (push or {}).items()}
        base = "" if push else "main"
        return self.steps(("Install",), event, context, {"page": "false", **inputs}, base)

    def tell(
        self, checked: "Checked", event: object = None, page: str = "", **inputs: str
    ) -> Outcome:
        """Run the steps that tell what another project's check has found."""
        reports = "bncalc-reports"
        shutil.copytree(checked.project.temporary / reports, self.temporary / reports)
        (self.folder / "work").mkdir()
        code = checked.outcome.outputs["code"]
        context = {"steps.check.outputs.code": code, "steps.page.outputs.page": page}
        return self.steps(CHECKED, event, context, inputs)

    def steps(
        self,
        skip: tuple[str, ...],
        event: object,
        context: dict[str, str],
        inputs: dict[str, str],
        base: str = "main",
    ) -> Outcome:
        happened = self.folder / "event.json"
        happened.write_text(json.dumps(event or {"pull_request": {"number": 7}}))
        environment = {
            "PATH": f"{self.tools}:{Path(sys.executable).parent}:/usr/bin:/bin",
            "GITHUB_BASE_REF": base,
            "GITHUB_EVENT_PATH": str(happened),
            "GITHUB_REPOSITORY": "owner/project",
            "GITHUB_ACTIONS": "true",
        }
        answers = {"actions/upload-artifact": {"artifact-url": URL} if self.can_upload else {}}
        runner = Runner(self.folder / "work", self.temporary, environment, context, answers)
        names = {name.replace("_", "-"): value for name, value in inputs.items()}
        outcome = runner.run(names, skip)
        self.used = runner.used
        return outcome

    def widen(self) -> None:
        self.upstream.write("models/net.yaml", net(96))
        self.upstream.commit("a wider head")

    def set_traps(self, folder: str) -> None:
        """Add modules that Python may import and settings that git may heed, to a folder too."""
        trap = self.folder / "trap.sh"
        trap.write_text(f"#!/bin/sh\ntouch '{self.folder}/sprung'\n")
        trap.chmod(0o755)
        for module in ("json", "venv", "pip", "subprocess", "bncalc", "sitecustomize"):
            text = f"import pathlib\npathlib.Path({str(self.folder / 'sprung')!r}).touch()\n"
            self.upstream.write(f"{module}.py", text)
            self.upstream.write(f"{folder}/{module}.py", text)
        # Git takes a folder with these for a bare repository.
        self.upstream.write(f"{folder}/HEAD", "ref: refs/heads/main\n")
        config = f"[core]\n\tbare = false\n\tworktree = .\n\tfsmonitor = {trap}\n"
        self.upstream.write(f"{folder}/config", config)
        self.upstream.write(f"{folder}/objects/info/packs", "")
        self.upstream.write(f"{folder}/refs/heads/main", self.upstream.git("rev-parse", "HEAD"))


class Checked(NamedTuple):
    """A project on which the whole action has run, and what came of it."""

    project: Project
    outcome: Outcome


@pytest.fixture(scope="module")
def upstream(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    made = Repository(tmp_path_factory.mktemp("upstream") / "project")
    made.write("models/net.yaml", net())
    made.write("bncalc.budget.yaml", BUDGET)
    made.commit("the base")
    made.git("switch", "--quiet", "--create", "change")
    made.commit_nothing("a pull request begins")
    return made


@pytest.fixture
def project(tmp_path: Path, upstream: Repository) -> Project:
    return Project(tmp_path, upstream)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory, upstream: Repository) -> Checked:
    project = Project(tmp_path_factory.mktemp("kept"), upstream)
    return Checked(project, project.run())


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory, upstream: Repository) -> Checked:
    project = Project(tmp_path_factory.mktemp("broken"), upstream)
    project.widen()
    return Checked(project, project.run())


@pytest.fixture(scope="module", params=[".", "models"])
def hostile(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, upstream: Repository
) -> Checked:
    """A wider head and traps beside it, checked in a shallow clone and in a folder, with a page."""
    project = Project(tmp_path_factory.mktemp("hostile"), upstream)
    project.set_traps(request.param)
    project.widen()
    return Checked(project, project.run("--depth=1", page="true", working_directory=request.param))


def test_a_kept_budget_passes_in_silence(kept: Checked) -> None:
    done = kept.outcome
    assert done.code == 0, done.log
    assert "::error" not in done.log
    assert done.summary.startswith(MARK)
    assert done.outputs["code"] == "0"
    assert [call for call, _, _ in kept.project.calls() if "--method" in call] == []


def test_a_broken_budget_fails_and_says_so_everywhere(broken: Checked) -> None:
    done = broken.outcome
    assert done.code == 1
    assert "::error file=models/net.yaml" in done.log
    assert "### bncalc: FAIL: 2 of 2 checks failed" in done.summary
    document = json.loads(Path(done.outputs["report"]).read_text("utf-8"))
    assert document["summary"]["failed"] == 2
    (_, (call, (body,), token)) = broken.project.calls()
    assert call[2:5] == ["--method", "POST", "repos/owner/project/issues/7/comments"]
    assert body == done.summary
    assert token == "a token"


def test_a_shallow_clone_gets_its_base_and_a_page_that_comment_and_summary_link(
    hostile: Checked,
) -> None:
    project, done = hostile
    assert done.code == 1, done.log
    assert "params grew by" in done.summary
    page = Path(done.outputs["page"])
    text = page.read_text("utf-8")
    assert "What changed" in text
    assert "out 64 → 96" in text
    assert project.used == [
        (
            "actions/upload-artifact@v4",
            {"name": "bncalc-report", "path": str(page), "overwrite": "True"},
        )
    ]
    (_, (_, (body,), _)) = project.calls()
    assert body == done.summary
    link = f"[A page with charts]({URL}) of what changed, layer by layer."
    assert body.splitlines()[-1] == link
    bars = body.partition("```text\n")[2].partition("```")[0].splitlines()
    assert "params" in bars[0]
    assert bars[0].count("█") < bars[1].count("█") == 24


def test_where_nothing_can_be_uploaded_nothing_is_linked(project: Project, broken: Checked) -> None:
    project.can_upload = False
    done = project.tell(broken, page="page.html")
    assert done.code == 1
    assert len(project.used) == 1
    assert done.summary == broken.outcome.summary


def test_a_page_that_cannot_be_written_is_said_and_fails_nothing(project: Project) -> None:
    (project.temporary / "bncalc-reports").mkdir()
    project.upstream.write("bncalc.budget.yaml", BUDGET.replace("7k", "70k"))
    project.upstream.commit("more room")
    done = project.run(page="true", arguments="--max params=80k models/net.yaml")
    assert done.code == 0, done.log
    assert "::notice title=bncalc::no page was written" in done.log
    assert project.used == []


def test_the_comment_is_updated_in_place_and_only_ours(project: Project, kept: Checked) -> None:
    project.comments(
        (1, "User", f"{MARK}\nI wrote this by hand"),
        (2, "Bot", "another bot's"),
        (3, "Bot", f"{MARK}\n### bncalc: FAIL"),
    )
    done = project.tell(kept)
    assert done.code == 0
    (_, (call, (body,), _)) = project.calls()
    assert call[2:5] == ["--method", "PATCH", "repos/owner/project/issues/comments/3"]
    assert "### bncalc: ok" in body


def test_a_token_that_may_not_write_is_said_and_fails_nothing(
    project: Project, broken: Checked
) -> None:
    (project.tools / "read_only").touch()
    done = project.tell(broken)
    assert done.code == 1  # for the budget
    assert "::notice title=bncalc::no comment was written" in done.log


def test_where_there_is_no_gh_a_kept_budget_still_passes(project: Project, kept: Checked) -> None:
    (project.tools / "gh").unlink()
    done = project.tell(kept)
    assert done.code == 0
    assert "::notice title=bncalc::no comment was written" in done.log


@pytest.mark.parametrize("event", [{"push": {}}, {"pull_request": {}}])
def test_without_a_pull_request_there_is_no_comment(
    project: Project, broken: Checked, event: object
) -> None:
    assert project.tell(broken, event).code == 1
    assert project.calls() == []


def test_no_comment_where_none_is_wanted(project: Project, broken: Checked) -> None:
    assert project.tell(broken, comment="false").code == 1
    assert project.calls() == []


def pushed(before: str, branch: str = "change") -> dict[str, str]:
    """Return what GitHub says of a push to the default branch, which is `change` here."""
    default = {"event.repository.default_branch": "change"}
    return {**default, "event.before": before, "ref_name": branch}


def test_a_push_is_compared_with_what_the_branch_was_before(project: Project) -> None:
    before = project.upstream.git("rev-parse", "HEAD")
    project.widen()
    project.upstream.commit_nothing("a further commit of the same push")
    done = project.run("--depth=1", event={}, push=pushed(before))
    assert done.code == 1, done.log
    assert f"base {before[:7]}@{before[:7]} (merge-base)" in done.summary


def test_a_push_that_replaced_what_is_gone_has_the_base_of_its_budget(project: Project) -> None:
    project.widen()
    done = project.run(event={}, push=pushed("1" * 40))
    assert done.code == 1, done.log
    assert "base origin/main@" in done.summary


def test_nothing_that_the_pull_request_brings_is_run(hostile: Checked) -> None:
    assert not (hostile.project.folder / "sprung").exists()
    assert hostile.outcome.code == 1, hostile.outcome.log


def test_inputs_reach_the_call(project: Project) -> None:
    project.upstream.write("tight/limits.yaml", BUDGET.replace("models/*", "../models/*"))
    project.upstream.commit("another file")
    arguments = "--all\n --fail-on warn"
    done = project.run(budget="limits.yaml", working_directory="tight", arguments=arguments)
    assert done.code == 0, done.log
    assert done.summary.startswith("<!-- bncalc:limits.yaml -->")
    assert json.loads(Path(done.outputs["report"]).read_text("utf-8"))["checks"]


def test_no_input_is_run_as_a_command(project: Project) -> None:
    evil = '$(touch pwned)`touch pwned`"; touch pwned; "'
    done = project.run(budget=evil, base=evil, arguments=f"{evil} ; touch pwned")
    assert done.code == 2
    assert not list(project.folder.rglob("pwned"))


def test_a_wrong_file_exits_2_and_leaves_no_comment(project: Project) -> None:
    project.upstream.write("bncalc.budget.yaml", "version: 1\nbudgets: [{nmae: a}]\n")
    project.upstream.commit("a mistake")
    done = project.run()
    assert done.code == 2
    assert "bncalc.budget.yaml:2:" in done.log
    assert project.calls() == []


def test_nothing_of_the_caller_is_written_into_a_script() -> None:
    for step in ACTION["runs"]["steps"]:
        assert "${{" not in step.get("run", "")


@pytest.mark.parametrize(
    ("platform", "file"), [("github-actions", "action.yml"), ("gitlab-ci", "ci/gitlab.yml")]
)
def test_metadata_fit_the_schema_of_their_platform(platform: str, file: str) -> None:
    assert faults((ROOT / file).read_text(encoding="utf-8"), platform) == []
