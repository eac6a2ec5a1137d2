"""The gate: what a change may do, and with which exit code, in real repositories."""

import os
import shutil
from collections.abc import Callable, Mapping
from typing import NamedTuple

import pytest
from tests.program import run
from tests.repository import Repository, net

BUDGETS = """\
version: 1
base: {{ref: main{base}}}
{more}budgets:
  - name: all
    models: {models}
    limits: {{params: {limit}}}
    growth: {{params: {growth}}}
"""
FAMILY = """\
input: [3, 8, 8]
vars: {{width: 8}}
variants:
  small: {{width: 4}}
  {name}: {{width: {width}}}
layers:
  - conv: {{out: =width}}
"""
BLOCKS = """\
input: [8, 8, 8]
blocks:
  plain: {{plain: {{out: 8}}}}
  {name}: {{plain: {{out: {out}}}}}
"""
SINGLE = "input: [3, 8, 8]\nlayers:\n  - conv: {{out: {out}}}\n"


def budgets(
    models: str = "[models/*.yaml]",
    limit: str = "1M",
    growth: str = "10%",
    base: str = "",
    more: str = "",
) -> str:
    return BUDGETS.format(models=models, limit=limit, growth=growth, base=base, more=more)


def family(name: str = "large", width: int = 16) -> str:
    return FAMILY.format(name=name, width=width)


def blocks(name: str = "wide", out: int = 16) -> str:
    return BLOCKS.format(name=name, out=out)


def single(out: int) -> str:
    return SINGLE.format(out=out)


class Scenario(NamedTuple):
    """A change to the files of the base, a text of None deleting one, and what comes of it."""

    title: str
    code: int
    said: str
    files: Mapping[str, str | None] = {}
    arguments: tuple[str, ...] = ()
    steps: Callable[[Repository], object] = lambda made: None
    """What else is done, after the files are written."""


NET, FAM, BLK, BUDGET = (
    "models/net.yaml",
    "models/family.yaml",
    "models/blocks.yaml",
    "bncalc.budget.yaml",
)


def committed(made: Repository) -> None:
    made.commit()


def pushed(made: Repository) -> None:
    """Commit, and move main along: HEAD is its own base."""
    made.commit()
    made.git("branch", "--force", "main", "HEAD")


def moved(to: str, text: str) -> Callable[[Repository], object]:
    def move(made: Repository) -> None:
        (made.folder / to).parent.mkdir(exist_ok=True)
        made.git("mv", NET, to)
        made.write(to, text)

    return move


def orphaned(made: Repository) -> None:
    made.git("switch", "--quiet", "--orphan", "fresh")
    made.git("restore", "--source=main", ".")
    pushed(made)


def with_submodule(made: Repository) -> None:
    """Have a model in a submodule, in the base too, and let it grow there."""
    ours = Repository(made.folder.parent / "ours")
    ours.write("net.yaml", net())
    ours.commit()
    allow = ("-c", "protocol.file.allow=always")
    made.git(*allow, "submodule", "--quiet", "add", "../ours", "models/ours")
    pushed(made)
    made.write("models/ours/net.yaml", net(96))


def disguised(made: Repository) -> None:
    """Let the folder of the models be a bare repository to git, whose main holds the grown one."""
    attacker = Repository(made.folder.parent / "attacker")
    attacker.write("net.yaml", net(512))
    attacker.commit()
    shutil.copytree(attacker.folder / ".git", made.folder / "models", dirs_exist_ok=True)
    trap = made.folder / "trap.sh"
    trap.write_text(f"#!/bin/sh\ntouch '{made.folder}/hunter2'\necho hunter2\n")
    trap.chmod(0o755)
    (made.folder / "models/config").write_text(
        f"[core]\n\tbare = false\n\tworktree = .\n\tfsmonitor = {trap}\n"
    )
    made.write("models/bncalc.budget.yaml", budgets("net.yaml"))
    made.write(NET, net(512))
    os.chdir(made.folder / "models")


SCENARIOS = (
    # What grows, and what does not
    Scenario("nothing changed", 0, "ok: "),
    Scenario("a little growth", 0, "ok: ", {NET: net(65)}),
    Scenario("a comment", 0, "ok: ", {NET: f"# A comment.\n{net()}"}),
    Scenario("growth, not committed", 1, "BN201 params grew by 1,408", {NET: net(96)}),
    Scenario("growth, committed", 1, "BN201 params grew by", {NET: net(96)}, steps=committed),
    Scenario("a model that shrinks", 0, "ok: ", {NET: net(32)}),
    Scenario("a variant grows", 1, "family.yaml:", {FAM: family(width=32)}),
    Scenario("an alternative grows", 1, "blocks.yaml:", {BLK: blocks(out=32)}),
    Scenario("a limit is broken", 1, "BN101 params", {BUDGET: budgets(limit="5k"), NET: net()}),
    Scenario("growth that is only warned of", 0, "1 warning",
             {BUDGET: budgets(growth="{warn: 1%, max: 50%}"), NET: net(70)}),
    Scenario("which fails on request", 1, "1 warning",
             {BUDGET: budgets(growth="{warn: 1%, max: 50%}"), NET: net(70)},
             ("--fail-on", "warn")),
    Scenario("which --exit-zero lets pass", 0, "FAIL", {NET: net(96)}, ("--exit-zero",)),
    # What is new
    Scenario("a new model", 0, "new.yaml: params growth: it is new",
             {"models/new.yaml": net(8, "n")}),
    Scenario("a new model, where none may be", 1, "BN202 params: it is new",
             {"models/new.yaml": net(8, "n"), BUDGET: budgets(base=", missing: fail")}),
    Scenario("a new model that is warned of", 0, "BN202 warning",
             {"models/new.yaml": net(8, "n"), BUDGET: budgets(base=", missing: warn")}),
    Scenario("a new variant", 0, "it is new",
             {FAM: family().replace("layers:", "  third: {width: 99}\nlayers:")}),
    Scenario("nothing but new models", 0, "skip: nothing was checked",
             {"new/a.yaml": net(8, "n"), BUDGET: budgets("[new/*.yaml]").replace(
                 "    limits: {params: 1M}\n", "").replace("name: all", "name: new")}),
    # What is gone
    Scenario("a model is deleted", 0, f"{NET} is gone; in main@", {NET: None}),
    Scenario("a variant is deleted", 0, f"{FAM}#small is gone",
             {FAM: family().replace("  small: {width: 4}\n", "")}),
    Scenario("a variant is renamed", 0, "ok: ", {FAM: family("big")}),
    Scenario("a variant is renamed and grows", 1,
             f"{FAM}#big is new, and {FAM}#large of main@", {FAM: family("big", 128)}),
    Scenario("a variant is renamed and grows in one that is asked for alone", 1,
             f"{FAM}#big is new, and {FAM}#large of main@", {FAM: family("big", 128)}, (FAM,)),
    Scenario("a variant is renamed and grows, the design asked for alone", 1,
             f"{FAM}#big is new, and {FAM}#large of main@", {FAM: family("big", 128)},
             (f"{FAM}#big",)),
    Scenario("an alternative is renamed", 0, "ok: ", {BLK: blocks("broad")}),
    Scenario("an alternative is renamed and grows", 1,
             f"{BLK}#broad is new, and {BLK}#wide of main@", {BLK: blocks("broad", 99)}),
    Scenario("a single network is turned into variants", 1, f"#large is new, and {NET} of main@",
             {NET: family(width=999)}),
    Scenario("variants are turned into a single network", 1,
             f"{FAM} is new, and {FAM}#small, {FAM}#large of main@… are gone", {FAM: single(128)}),
    Scenario("a network is turned into alternatives", 1, f"#wide is new, and {NET} of main@",
             {NET: blocks(out=999)}),
    Scenario("a model is replaced by a larger one of another name", 1,
             f"models/new.yaml is new, and {NET} of main@… is gone",
             {NET: None, "models/new.yaml": net(96, "new")}),
    Scenario("a model is replaced by a smaller one of another name", 0, "ok: ",
             {NET: None, "models/new.yaml": net(32, "new")}),
    Scenario("a model is replaced, and the larger one was another's name", 1, "BN201 params grew",
             {NET: None, "models/new.yaml": net(96)}),
    Scenario("a file is moved", 0, "ok: ", steps=moved("models/other.yaml", net())),
    Scenario("a file is moved and grows", 1, "BN201 params grew by",
             steps=moved("models/other.yaml", net(96))),
    Scenario("a file is moved out of the glob", 0, f"{NET} is archive/net.yaml now, which has no b",
             steps=moved("archive/net.yaml", net(96))),
    Scenario("a file gets a suffix in capitals", 0, f"{NET} is models/net.YAML now, which has no b",
             steps=moved("models/net.YAML", net(96))),
    Scenario("a pattern takes a model out", 0, f"{NET} has no budget now",
             {BUDGET: budgets("[models/*.yaml, '!models/net.yaml']"), NET: net(512)}),
    Scenario("a model goes to another budget", 0, f"{NET} is under another budget now",
             {BUDGET: budgets("[models/*.yaml, '!models/net.yaml']")
              + f"  - {{name: other, models: {NET}, limits: {{params: 1M}}}}\n"}),
    # What must have a budget
    Scenario("a model without the budget that it must have", 2, "new/net.yaml has no budget, and",
             {"new/net.yaml": net(8, "n"), BUDGET: budgets(more="require: '**/*.yaml'\n")}),
    Scenario("all that must have a budget have one", 0, "ok: ",
             {BUDGET: budgets(more="require: ['**/*.yaml', '!new/**']\n"),
              "new/net.yaml": net(8, "n")}),
    Scenario("what must have a budget is nowhere", 2, "no model matches 'none/*.yaml'",
             {BUDGET: budgets(more="require: none/*.yaml\n")}),
    # The base
    Scenario("a push that grows: HEAD is the base", 1, "base HEAD~1@", {NET: net(96)},
             steps=pushed),
    Scenario("a push that keeps its budgets", 0, "(the base is HEAD itself)", {NET: net(65)},
             steps=pushed),
    Scenario("HEAD is named as the base", 1, "(the base is HEAD itself)", {NET: net(96)},
             ("--base", "HEAD"), steps=committed),
    Scenario("edited files on top of it are compared with HEAD", 1, "BN201 params grew by 1,408",
             {}, steps=lambda made: made.write(NET, net(96))),
    Scenario("a base that is HEAD and has no parent", 2, "HEAD has no parent", {}, steps=orphaned),
    Scenario("a base that there is not", 2, "'nowhere' is not a revision", {},
             ("--base", "nowhere")),
    Scenario("a report on other assumptions", 2, "was made with fold_norm true, and not false", {},
             ("--base", "folded.json"),
             steps=lambda made: run("compare", "models/net.yaml", "--fold-norm",
                                    "-o", "folded.json")),
    Scenario("a report at another input", 2, "small@3,64,64, which cannot be compared with", {},
             (NET, "--max-growth", "macs=1%", "--base", "wide.json"),
             steps=lambda made: run("compare", "models/net.yaml@3,64,64", "-o", "wide.json")),
    Scenario("a report at the same input of the call", 0, "ok: ", {},
             (NET, "--max-growth", "macs=1%", "--input", "3,64,64", "--base", "wide.json"),
             steps=lambda made: run("compare", "models/net.yaml@3,64,64", "-o", "wide.json")),
    Scenario("a report on the same assumptions", 1, "BN201 params grew by", {},
             (NET, "--base", "base.json"),
             steps=lambda made: (run("compare", "models/net.yaml", "-o", "base.json"),
                                 made.write(NET, net(96)))),
    Scenario("a base outside of the repository", 2, "is outside the repository",
             {BUDGET: budgets().replace("ref: main", "ref: ../outside.json"),
              "../outside.json": "secret"}),
    Scenario("a model outside of the repository", 2, "is outside the repository",
             {BUDGET: budgets("../secret.yaml"), "../secret.yaml": "secret: hunter2"}),
    Scenario("a model in a submodule grows", 1, "models/ours/net.yaml", {
        BUDGET: budgets("models/ours/*.yaml")}, steps=with_submodule),
    Scenario("a folder that looks like a repository", 1, "BN201 params grew by 19,712", {},
             steps=disguised),
    # Budgets that change with what they are for
    Scenario("a limit is raised with the model", 0, "all: params <= 1M → 2M", {
        BUDGET: budgets(limit="2M")}),
    Scenario("a growth rule is loosened", 0, "all: params growth <= 10% → 50%",
             {BUDGET: budgets(growth="50%"), NET: net(96)}),
    Scenario("a limit is taken out", 0, "all: params <= 1M → none",
             {BUDGET: budgets().replace("    limits: {params: 1M}\n", "")}),
    Scenario("a budget is taken out", 0, "all: the budget is gone",
             {BUDGET: budgets().replace("name: all", "name: other")}),
    Scenario("a budget is turned down", 0, "all: level error → warn",
             {BUDGET: budgets() + "    level: warn\n", NET: net(96)}),
    Scenario("a limit is lowered", 0, "ok: ", {BUDGET: budgets(limit="900k")}),
)  # fmt: skip


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """A repository on a branch `change` off `main`, with three models and their budget."""
    made = Repository(tmp_path_factory.mktemp("template") / "project")
    for path, text in ((NET, net()), (FAM, family()), (BLK, blocks()), (BUDGET, budgets())):
        made.write(path, text)
    made.commit("the base")
    made.commit_nothing("nothing of networks")
    made.git("switch", "--quiet", "--create", "change")
    return made


@pytest.mark.parametrize("scenario", SCENARIOS, ids=[scenario.title for scenario in SCENARIOS])
def test_the_gate(project: Repository, scenario: Scenario) -> None:
    for path, text in scenario.files.items():
        if text is None:
            (project.folder / path).unlink()
        else:
            project.write(path, text)
    scenario.steps(project)
    done = run("check", *scenario.arguments)
    assert done.returncode == scenario.code, done.stdout + done.stderr
    shown = " ".join((done.stderr if scenario.code == 2 else done.stdout).split())
    assert all(part in shown for part in scenario.said.split("…")), shown
    assert "hunter2" not in done.stdout + done.stderr
    assert not (project.folder / "hunter2").exists()
