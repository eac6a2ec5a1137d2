"""`bncalc check` as people and CI run it: what it finds, where, and its exit codes."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.program import Done, run
from tests.repository import FAMILY, Repository, net
from tests.work import calls

BUDGETS = """\
version: 1
base: {ref: main}
budgets:
  - name: small
    models: models/*.yaml
    limits: {params: {max: 7k, warn: 6_200}, weights: 1 MiB}
    growth: {params: 10%}
    message: Ask the team.
"""
HEAD = 11
"""The line of `net()` with its head."""
FULL = pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is full")


@pytest.fixture(scope="module")
def template(pull_request: Repository, tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """A repository whose base has a budget file and keeps it."""
    made = pull_request.copied(tmp_path_factory.mktemp("template") / "project")
    made.write("bncalc.budget.yaml", BUDGETS)
    made.commit("a budget")
    made.git("branch", "--force", "main", "HEAD")
    return made


def findings(*arguments: str) -> tuple[int, list[str]]:
    done = run("check", "--format", "concise", *arguments)
    assert done.stderr == ""
    return done.returncode, done.stdout.splitlines()


# Pull requests


def test_a_change_that_keeps_its_budgets_passes(project: Repository) -> None:
    assert findings() == (0, [])
    project.write("models/net.yaml", net(65))
    assert findings() == (0, [])


def test_a_widened_head_is_found_at_its_line(project: Repository) -> None:
    project.write("models/net.yaml", net(96))
    project.commit()
    code, lines = findings()
    assert code == 1
    assert lines == [
        f"models/net.yaml:{HEAD}:21: BN201 params grew by 1,408 (+23.1 %), "
        "from 6,106 to 7,514; allowed 10% (610) [small]",
        f"models/net.yaml:{HEAD}:21: BN101 params 7,514 exceeds limit 7,000 by 514 [small]",
    ]
    checks = json.loads(run("check", "-f", "json").stdout)["checks"]
    assert [check["location"]["line"] for check in checks] == [HEAD, HEAD]
    shown = run("check").stdout
    assert "head/conv +1,024, head/linear +320, head/conv.norm +64" in shown
    assert "(changed: head.conv.out 64 → 96)" in shown
    assert "head.conv.out <= 72 (now 96) meets params <= 7k and params growth <= 10%" in shown
    assert "note Ask the team." in shown


def test_a_renamed_file_is_compared_with_what_it_was(project: Repository) -> None:
    project.git("mv", "models/net.yaml", "models/renamed.yaml")
    project.write("models/renamed.yaml", net(80))
    project.commit()
    code, lines = findings()
    assert code == 1
    assert [line.partition(" BN")[0] for line in lines] == [f"models/renamed.yaml:{HEAD}:21:"] * 2
    assert "grew by 704" in lines[0]


def test_a_new_model_has_its_limits_and_no_growth(project: Repository) -> None:
    project.write("models/new.yaml", net(60, "new"))
    project.commit()
    assert findings()[0] == 0
    assert "skipped" in run("check", "--all").stdout
    project.write("models/new.yaml", net(100, "new"))
    code, lines = findings()
    assert code == 1
    assert [line.split()[1] for line in lines] == ["BN101"]
    project.write("bncalc.budget.yaml", BUDGETS.replace("ref: main", "ref: main, missing: fail"))
    project.write("models/new.yaml", net(60, "new"))
    code, lines = findings()
    assert code == 1
    assert "BN202 params: it is new: not in main@" in lines[0]


def test_an_include_is_read_in_the_base_too(project: Repository) -> None:
    block = "define: {{head: {{args: {{out: 8}}, layers: [{{conv: {{out: =out*{}}}}}]}}}}\n"
    project.write("parts/blocks.yaml", block.format(2))
    text = "input: [3, 8, 8]\ninclude: ../parts/blocks.yaml\nlayers:\n  - head: {out: 8}\n"
    project.write("models/including.yaml", text)
    project.commit()
    project.git("branch", "--force", "main", "HEAD")
    project.write("parts/blocks.yaml", block.format(4))
    code, lines = findings()
    assert code == 1
    (finding,) = lines
    assert finding.startswith("parts/blocks.yaml:1:55: BN201 params grew by 432 (+100.0 %)")


def test_a_shallow_clone_is_told_how_to_mend_it(
    project: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write("models/net.yaml", net(96))
    project.commit()
    url = f"file://{project.folder}"
    project.git("clone", "--quiet", "--depth=1", "--branch=change", url, "../shallow")
    monkeypatch.chdir(tmp_path / "shallow")
    done = run("check", "--base", "origin/main")
    assert done.returncode == 2
    assert "fetch-depth: 0" in done.stderr
    assert done.stdout == ""
    without_growth = BUDGETS.replace("    growth: {params: 10%}\n", "")
    (tmp_path / "shallow/bncalc.budget.yaml").write_text(without_growth)
    assert findings()[0] == 1  # a limit needs no base, and no history


def test_new_only_lets_an_unrelated_change_through(project: Repository) -> None:
    project.write("models/net.yaml", net(96))
    project.commit()
    project.git("branch", "--force", "main", "HEAD")
    project.write("README.md", "an unrelated change")
    project.commit()
    assert findings()[0] == 1
    assert findings("--new-only") == (0, [])
    shown = run("check", "--new-only").stdout
    (row,) = [line for line in shown.splitlines() if line.strip().startswith("params  ")]
    assert row.split()[1:4] == ["7,514", "7,514", "unchanged"]
    assert "models/net.yaml: params: the base already broke it, with 7,514, and" in shown
    project.write("models/net.yaml", net(97))
    assert findings("--new-only")[0] == 1


# Calls


def test_the_budget_file_is_found_above(
    project: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write("models/net.yaml", net(100))
    monkeypatch.chdir(project.folder / "models")
    code, lines = findings()
    assert code == 1
    assert lines[0].startswith(f"../models/net.yaml:{HEAD}:21: ")


def test_models_narrow_the_check(project: Repository) -> None:
    project.write("models/other.yaml", net(100, "other"))
    assert findings("models/net.yaml") == (0, [])
    assert findings("models/other.yaml")[0] == 1
    assert findings("bncalc.budget.yaml", "models/net.yaml") == (0, [])


def test_a_design_narrows_the_check_of_a_family(project: Repository) -> None:
    project.write("models/family.yaml", FAMILY)
    shown = json.loads(run("check", "models/family.yaml#large", "--all", "-f", "json").stdout)
    assert {check["model"] for check in shown["checks"]} == {"models/family.yaml#large"}
    assert next(check["value"] for check in shown["checks"] if check["metric"] == "params") == 432
    both = json.loads(
        run("check", "models/family.yaml", "models/family.yaml#large", "--all", "-f", "json").stdout
    )
    assert {check["model"] for check in both["checks"]} == {"models/family.yaml"}
    assert {check["design"] for check in both["checks"]} == {"small", "large"}


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ("models/family.yaml#huge", "error: models/family.yaml holds no design"),
        ("nothing.yaml", "there is no file and no shipped model 'nothing.yaml'"),
        ("nothing.yaml#large", "there is no file and no shipped model 'nothing.yaml'"),
        ("resnet50", "no budget of bncalc.budget.yaml covers resnet50"),
        ("other.yaml", "no budget of bncalc.budget.yaml covers other.yaml"),
    ],
)
def test_what_no_budget_covers_is_said(project: Repository, model: str, said: str) -> None:
    project.write("models/family.yaml", FAMILY)
    project.write("other.yaml", net())
    done = run("check", model)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


def test_a_glob_leaves_out_libraries(project: Repository) -> None:
    project.write("models/blocks.yaml", "# Ours.\ndefine:\n  mine: {layers: [{conv: {out: 8}}]}\n")
    assert findings() == (0, [])
    done = run("budget", "init", "models/*.yaml")
    assert done.returncode == 0
    assert "blocks.yaml" not in done.stdout
    named = run("check", "models/blocks.yaml", "--max", "params=1M")
    assert named.returncode == 2
    assert "nor `layers:` (one network)" in named.stderr
    project.write("models/blocks.yaml", "define: [\nlayers:\n")
    assert run("check").returncode == 2


def test_every_mistake_in_limits_of_the_call_is_said(project: Repository) -> None:
    options = ("param=1M", "macs=1MiB", "weights=3KB", "flops")
    done = run("check", "models/net.yaml", *(f"--max={option}" for option in options))
    assert (done.returncode, done.stdout) == (2, "")
    assert "--max param=1M: unknown metric 'param' (did you mean 'params'?)" in done.stderr
    assert "--max macs=1MiB: macs: '1MiB' is in bytes" in done.stderr
    assert "KB is spelt kB, 1,000 bytes; write 3 kB" in done.stderr
    assert "--max flops: write METRIC=QUANTITY" in done.stderr


@pytest.mark.parametrize("ref", ["nowhere", "none.json"])
def test_a_base_that_is_not_found_is_said_where_it_is_written(
    project: Repository, ref: str
) -> None:
    project.write("bncalc.budget.yaml", BUDGETS.replace("ref: main", f"ref: {ref}"))
    done = run("check")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("bncalc.budget.yaml:2:13: error: base: ")
    assert ref in done.stderr
    assert "bncalc.budget.yaml:2" not in run("check", "--base", "nowhere").stderr


def test_limits_may_stand_in_the_call(project: Repository) -> None:
    code, lines = findings("models/net.yaml", "--max", "params=6k", "--min", "macs=1G",
                           "--max-growth", "macs=0%", "--base", "main")  # fmt: skip
    assert code == 1
    assert [line.split()[1] for line in lines] == ["BN103", "BN101"]
    assert lines[1].endswith("params 6,106 exceeds limit 6,000 by 106 [command line]")
    done = run("check", "-", "--max", "params=6k", "-f", "concise", text=net())
    assert (done.returncode, done.stdout.count("\n")) == (1, 1)


def test_the_call_goes_before_the_assumptions_of_the_file(project: Repository) -> None:
    options = ("--input", "3,16,16", "--batch", "4", "--dtype", "int8", "--policy", "deploy,-add")
    done = json.loads(run("check", "-f", "json", "--all", *options).stdout)
    assert done["input"] == [3, 16, 16]
    assert (done["batch"], done["dtype"], done["memory_policy"]) == (4, "int8", "deploy,-add")


def test_the_call_says_what_training_memory_is_for(project: Repository) -> None:
    def training(*options: str) -> int:
        done = run("check", "models/net.yaml", "--max", "training=1B", "-f", "json", *options)
        return int(json.loads(done.stdout)["checks"][0]["value"])

    plain = training("--optimizer", "sgd")
    assert training("--optimizer", "adam") > plain
    assert training("--optimizer", "sgd", "--checkpoint") < plain
    assert training("--optimizer", "sgd", "--activation-dtype", "float16") < plain
    done = json.loads(run("check", "-f", "json", "--all", "--fold-norm").stdout)
    assert done["checks"][0]["value"] < 6106
    assert run("check", "--optimizer", "adm").returncode == 2


def test_warnings_and_exit_zero(project: Repository) -> None:
    project.write("models/net.yaml", net(70))
    code, lines = findings()
    assert (code, len(lines)) == (0, 1)
    assert "BN101 warning: params 6,370" in lines[0]
    assert findings("--fail-on", "warn")[0] == 1
    assert findings("--fail-on", "warn", "--exit-zero")[0] == 0


def test_several_reports_come_from_one_run(project: Repository) -> None:
    project.write("models/net.yaml", net(96))
    done = run("check", "--quiet", "--report", "json=r.json", "--report", "junit=r.xml",
               "--report", "markdown=r.md")  # fmt: skip
    assert done.returncode == 1
    assert done.stdout.count("\n") == 2
    assert json.loads((project.folder / "r.json").read_text())["status"] == "fail"
    assert (project.folder / "r.xml").read_text().startswith("<?xml")
    assert "params" in (project.folder / "r.md").read_text()


# Exit codes

EXITS = [
    ((), BUDGETS, 0),
    ((), BUDGETS.replace("7k", "6k").replace("6_200", "5k"), 1),
    (("--exit-zero",), BUDGETS.replace("7k", "6k").replace("6_200", "5k"), 0),
    ((), BUDGETS.replace("7k", "7 kB"), 2),
    ((), BUDGETS.replace("weights: 1 MiB", "weights: 1"), 2),
    ((), BUDGETS.replace("params: 10%", "latency: 10%"), 2),
    ((), BUDGETS.replace("models/*", "modles/*"), 2),
    (("--allow-empty",), BUDGETS.replace("models/*", "modles/*"), 0),
    ((), BUDGETS.replace("ref: main", "ref: nowhere"), 2),
    ((), "", 2),
    ((), "budgets: [", 2),
    (("--base", "none.json"), BUDGETS, 2),
    (("--budget", "none.yaml"), BUDGETS, 2),
    (("--format", "jsn"), BUDGETS, 2),
    (("--report", "json"), BUDGETS, 2),
    (("--report", "json=no/such/folder.json"), BUDGETS, 2),
    (("--max", "params=4M"), BUDGETS, 2),
    (("models/net.yaml", "--max", "params"), BUDGETS, 2),
    (("models/net.yaml", "--max", "params=4 MiB"), BUDGETS, 2),
    (("models/net.yaml", "--max", "params=4M", "--budget", "bncalc.budget.yaml"), BUDGETS, 2),
    (("models/none.yaml",), BUDGETS, 2),
    (("models/none.yaml", "--max", "params=4M"), BUDGETS, 2),
    (("resnet50", "--max-growth", "params=1%"), BUDGETS.replace("base: {ref: main}", ""), 2),
    (("--input", "3,4,4"), BUDGETS, 0),
    (("--input", "0"), BUDGETS, 2),
    (("--no-such-option",), BUDGETS, 2),
]


@pytest.mark.parametrize(("arguments", "budgets", "code"), EXITS)
def test_exit_codes(
    project: Repository, arguments: tuple[str, ...], budgets: str, code: int
) -> None:
    project.write("bncalc.budget.yaml", budgets)
    done = run("check", *arguments)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    assert bool(done.stderr) == (code == 2)
    assert bool(done.stdout) == (code != 2)


def test_what_cannot_be_checked_is_said_as_the_platform_wants_it(project: Repository) -> None:
    project.write("models/net.yaml", "input: [3, 8, 8]\nlayers: [{conv: {out: x}}]\n")
    written = ("--report", "junit=r.xml", "--report", "json=r.json")
    done = run("check", "-f", "github", *written)
    message = "out is 'x'; it must be a whole number of at least 1; if it is a formula, write =x"
    at = "models/net.yaml,line=2,col=23"
    assert (done.returncode, done.stdout) == (2, f"::error file={at},title=bncalc::{message}\n")
    assert f"models/net.yaml:2:23: error: {message}" in done.stderr
    assert 'errors="1"' in (project.folder / "r.xml").read_text()
    assert not (project.folder / "r.json").exists()
    for call in (("none.yaml", "--max", "params=4M"), ("--base", "none.json", "models/other.yaml")):
        done = run("check", "-f", "github", "--report", "gitlab=none.json", *call)
        assert done.stdout.startswith("::error title=bncalc::"), done.stdout
        assert not (project.folder / "none.json").exists()  # an empty one says that all is well
    (project.folder / "folder.yaml").mkdir()
    done = run("check", "-f", "github", "models/net.yaml", "folder.yaml", "--max", "params=4M")
    in_file, other = done.stdout.splitlines()
    assert in_file == f"::error file={at},title=bncalc::{message}"
    assert other == "::error title=bncalc::folder.yaml: this is a directory; name a file in it"
    done = run("check", "-f", "github", f"{'n' * 300}.yaml", "--max", "params=4M")
    assert done.stdout.startswith("::error title=bncalc::there is no file"), done.stdout


def test_json_can_be_read_whether_a_budget_is_kept_or_broken(project: Repository) -> None:
    for head, code in ((64, 0), (96, 1)):
        project.write("models/net.yaml", net(head))
        done = run("check", "--format", "json")
        assert done.returncode == code
        assert json.loads(done.stdout)["summary"]["models"] == 1
    project.write("models/net.yaml", "layers: 7")
    done = run("check", "--format", "json")
    assert (done.returncode, done.stdout) == (2, "")


def test_an_internal_error_is_no_broken_budget(project: Repository, tmp_path: Path) -> None:
    project.write("models/net.yaml", net(96))
    (tmp_path / "yaml.py").write_text("raise RuntimeError('broken')\n")  # an installation gone bad
    done = subprocess.run(
        [sys.executable, "-m", "bncalc", "check"],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("bncalc: internal error: RuntimeError: broken")


@pytest.mark.parametrize(
    ("stream", "said"),
    [
        pytest.param(">/dev/full", "No space left on device", marks=FULL),
        (">&-", "standard output is closed"),
    ],
)
def test_an_answer_that_cannot_be_written_is_no_broken_budget(
    project: Repository, stream: str, said: str
) -> None:
    project.write("models/net.yaml", net(96))
    command = f"'{sys.executable}' -m bncalc check {stream}"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == f"error: cannot write the answer: {said}\n"


@pytest.mark.skipif(not hasattr(signal, "SIGPIPE"), reason="there are no such pipes here")
def test_a_reader_that_leaves_is_no_broken_budget(project: Repository) -> None:
    project.write("models/net.yaml", net(96))
    with subprocess.Popen(
        [sys.executable, "-m", "bncalc", "check", "-f", "json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        said = process.stderr.read()
    assert (process.returncode, said) == (-signal.SIGPIPE, b"")


# Fixes


def test_fixes_are_looked_for_only_where_they_are_shown(project: Repository) -> None:
    project.write("models/net.yaml", net(96))

    def fixes(*options: str) -> set[bool]:
        report = ("--report", "json=r.json") if "json" not in options else ()
        done = run("check", *options, *report)
        document = json.loads(done.stdout if not report else Path("r.json").read_text("utf-8"))
        return {check["fixes"] is None for check in document["checks"]}

    def counted(*options: str) -> int:
        return calls(lambda: answers.append(run("check", *options)))

    assert fixes("-f", "json") == {False}
    assert fixes("-f", "json", "--no-fix") == {True}
    assert "fix " not in run("check", "--no-fix").stdout
    answers: list[Done] = []
    assert counted("--quiet") < counted() / 2
    quiet, whole = answers
    assert quiet.returncode == 1
    assert "fix " in whole.stdout


def test_the_first_fix_is_applied_and_the_check_made_again(project: Repository) -> None:
    text = f"# é\r\n{net(96)}".replace("\n", "\r\n").replace("\r\r", "\r")
    (project.folder / "models/net.yaml").write_bytes(text.encode())
    done = run("check", "--apply", "-f", "concise")
    assert done.returncode == 0
    assert done.stderr.startswith("models/net.yaml:12:21: edited head.conv.out 96 → ")
    new = done.stderr.split("→ ")[1].strip()
    edited = (project.folder / "models/net.yaml").read_bytes().decode()
    assert edited == text.replace("out: 96", f"out: {new}")
    again = run("check", "--apply")
    assert (again.returncode, again.stderr) == (0, "")


def test_of_two_designs_that_one_value_mends_the_first_decides(project: Repository) -> None:
    """Of w channels the first has 8·9·w weights, the second 8·25·w."""
    blocks = "  a: {plain: {out: =width}}\n  b: {plain: {out: =width, kernel: =5}}\n"
    project.write("two.yaml", f"input: [8, 8, 8]\nvars: {{width: 64}}\nblocks:\n{blocks}")
    done = run("check", "two.yaml", "--max", "params=4k", "--apply", "-f", "concise")
    assert (done.returncode, done.stderr) == (1, "two.yaml:2:15: edited vars.width 64 → 48\n")
    assert done.stdout.startswith("two.yaml:5:7: BN101 b: params 9,600 exceeds limit 4,000")


def test_what_no_edit_mends_stays_broken(project: Repository) -> None:
    project.write("bncalc.budget.yaml", BUDGETS.replace("max: 7k, warn: 6_200", "max: 1"))
    before = (project.folder / "models/net.yaml").read_text("utf-8")
    assert run("check", "--apply").returncode == 1
    assert (project.folder / "models/net.yaml").read_text("utf-8") == before


def test_a_file_outside_of_the_repository_is_not_edited(
    project: Repository, tmp_path: Path
) -> None:
    (tmp_path / "outside.yaml").write_text(net(96))
    (project.folder / "link.yaml").symlink_to(tmp_path / "outside.yaml")
    done = run("check", "link.yaml", "--max", "params=7k", "--apply")
    assert done.returncode == 2
    assert "link.yaml leads out of the repository, and is not edited" in done.stderr
    assert (tmp_path / "outside.yaml").read_text() == net(96)
