"""Bases in real repositories."""

import json
import os
from pathlib import Path

import pytest
from tests.repository import Repository, net

from bncalc.analysis.assumptions import STANDARD, Assumptions
from bncalc.analysis.comparison import compare
from bncalc.analysis.measurement import measure
from bncalc.change.revision import revision
from bncalc.change.snapshot import Absent, Base, named
from bncalc.errors import SpecError, UsageError
from bncalc.model.shape import Shape
from bncalc.opening.model import NO_OVERRIDES, Overrides, open_model
from bncalc.render import json as json_format

HERE = Path()


def head_of(base: Base, model: str = "models/net.yaml") -> int:
    graph = base.open(model, NO_OVERRIDES).graphs[0]
    return next(one.output.channels for one in graph.nodes if one.path == "head/conv")


def test_the_base_is_what_the_branch_began_from(repository: Repository) -> None:
    began = repository.git("rev-parse", "HEAD")
    repository.write("models/net.yaml", net(96))
    repository.commit()
    repository.git("switch", "--quiet", "main")
    repository.write("models/net.yaml", net(128))
    repository.commit("main moves on")
    repository.git("switch", "--quiet", "change")
    base = named("main", HERE)
    assert base.label == f"main@{began[:7]} (merge-base)"
    assert head_of(base) == 64


def test_what_is_not_committed_and_the_index_do_not_count(repository: Repository) -> None:
    repository.write("models/net.yaml", net(96))
    repository.git("add", "--all")
    before = repository.git("status", "--porcelain")
    assert head_of(named("HEAD", HERE)) == 64
    assert repository.git("status", "--porcelain") == before


def test_paths_are_found_from_a_folder_within(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repository.folder / "models")
    assert head_of(named("main", HERE), "net.yaml") == 64
    assert head_of(named("main", HERE), str(repository.folder / "models/net.yaml")) == 64


def test_includes_are_read_in_the_revision(repository: Repository) -> None:
    blocks = "define: {{head: {{args: {{out: 8}}, layers: [{{conv: {{out: {}}}}}]}}}}\n"
    repository.write("parts/blocks.yaml", blocks.format(24))
    text = "input: [3, 8, 8]\ninclude: ../parts/blocks.yaml\nlayers: [{head: {out: 1}}]\n"
    repository.write("models/including.yaml", text)
    repository.commit()
    repository.write("parts/blocks.yaml", blocks.format(48))
    base = named("HEAD", HERE)
    assert base.open("models/including.yaml", NO_OVERRIDES).graphs[0].output.channels == 24
    assert open_model("models/including.yaml").graphs[0].output.channels == 48


def test_a_file_that_was_renamed_is_known_by_the_name_of_its_model(repository: Repository) -> None:
    repository.git("mv", "models/net.yaml", "models/renamed.yaml")
    repository.write("models/renamed.yaml", net(96))
    repository.commit()
    assert head_of(named("main", HERE), "models/renamed.yaml") == 64


@pytest.mark.parametrize("name", ["", "name: small\n"])
def test_a_file_that_git_knows_for_moved_is_known_without_a_name(
    repository: Repository, name: str
) -> None:
    repository.write("models/net.yaml", f"# The net.\n{net()}".replace("name: small\n", name))
    repository.commit()
    repository.git("branch", "--force", "main", "HEAD")
    repository.git("mv", "models/net.yaml", "models/ü b.yaml")
    repository.write("models/ü b.yaml", net(96).replace("name: small\n", ""))
    assert head_of(named("main", HERE), "models/ü b.yaml") == 64
    repository.commit()
    assert head_of(named("main", HERE), "models/ü b.yaml") == 64
    repository.write("models/new.yaml", net(96, "untracked"))
    with pytest.raises(Absent, match=r"models/new\.yaml is not in main@"):
        named("main", HERE).open("models/new.yaml", NO_OVERRIDES)


def test_a_new_model_is_absent(repository: Repository) -> None:
    repository.write("models/new.yaml", net(32, "another"))
    repository.write("models/copy.yaml", net(32))  # whose namesake is still there
    base = named("main", HERE)
    for path in ("models/new.yaml", "models/copy.yaml", "models/none.yaml", "../outside.yaml"):
        with pytest.raises(Absent):
            base.open(path, NO_OVERRIDES)


def test_a_new_alternative_is_absent(repository: Repository) -> None:
    text = "input: [8, 8, 8]\nblocks:\n  plain: {plain: {out: 8}}\n"
    repository.write("models/blocks.yaml", text)
    repository.commit()
    base = named("HEAD", HERE)
    assert base.report("models/blocks.yaml", "plain", NO_OVERRIDES, STANDARD).totals.params == 576
    with pytest.raises(Absent):
        base.report("models/blocks.yaml", "other", NO_OVERRIDES, STANDARD)
    with pytest.raises(Absent):
        base.open("models/blocks.yaml#other", NO_OVERRIDES)


def test_a_shipped_model_is_the_same_in_every_base(repository: Repository) -> None:
    report = named("main", HERE).report("resnet50", "resnet50", NO_OVERRIDES, STANDARD)
    assert report.totals.params == 25_557_032


def test_a_detached_head_has_a_base(repository: Repository) -> None:
    repository.write("models/net.yaml", net(96))
    repository.git("switch", "--quiet", "--detach", repository.commit())
    assert head_of(named("main", HERE)) == 64


def test_a_link_is_followed_within_the_revision(repository: Repository) -> None:
    (repository.folder / "link.yaml").symlink_to("models/net.yaml")
    repository.commit()
    repository.write("models/net.yaml", net(96))
    assert head_of(named("HEAD", HERE), "link.yaml") == 64


def test_a_problem_in_the_base_is_placed_in_the_base(repository: Repository) -> None:
    repository.write("models/net.yaml", "input: [3, 8, 8]\nlayers: [{conv: {uot: 8}}]\n")
    commit = repository.commit()
    with pytest.raises(SpecError) as caught:
        named("HEAD", HERE).open("models/net.yaml", NO_OVERRIDES)
    assert str(caught.value.problems[0]).startswith(f"HEAD@{commit[:7]}:models/net.yaml:2:")


def test_names_of_files_may_be_strange(repository: Repository) -> None:
    repository.write('models/a "b"\tü\n.yaml', net(48))
    repository.commit()
    assert head_of(named("HEAD", HERE), 'models/a "b"\tü\n.yaml') == 48


# Other bases


def test_a_folder_is_a_base(repository: Repository) -> None:
    repository.git("worktree", "add", "--quiet", "../old", "main")
    repository.git("mv", "models/net.yaml", "models/renamed.yaml")
    base = named("../old", HERE)
    assert base.label == "../old"
    assert head_of(base, "models/net.yaml") == 64
    assert head_of(base, "models/renamed.yaml") == 64


def test_a_report_is_a_base(repository: Repository) -> None:
    report = measure(open_model("models/net.yaml").graphs[0])
    text = json_format.render(compare((report,), report.name))
    repository.write("base.json", text)
    base = named("base.json", HERE)
    again = base.report("models/net.yaml", "small", NO_OVERRIDES, STANDARD)
    assert again.totals == report.totals
    assert [one.path for one in again.layers] == [one.path for one in report.layers]
    assert json_format.render(compare((again._replace(sections=report.sections),), "small")) == text
    with pytest.raises(Absent):
        base.report("models/net.yaml", "other", NO_OVERRIDES, STANDARD)
    with pytest.raises(UsageError, match="made with batch 1, and not 2"):
        base.report("models/net.yaml", "small", NO_OVERRIDES, Assumptions(batch=2))
    for other, message in (
        (Assumptions(fold_norm=True), "fold_norm false, and not true"),
        (Assumptions(optimizer="adam"), "optimizer 'momentum', and not 'adam'"),
        (Assumptions(checkpoint=True), "checkpoint false, and not true"),
    ):
        with pytest.raises(UsageError, match=message):
            base.report("models/net.yaml", "small", NO_OVERRIDES, other)
    with pytest.raises(UsageError, match="--input"):
        base.report("models/net.yaml", "small", Overrides(input=Shape(3, 9, 9)), STANDARD)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not JSON"),
        ("[" * 10**6, "not JSON"),
        ("[]", "not a report"),
        ('{"schema": "bncalc.report/2"}', "not a report"),
        (json.dumps({"schema": "bncalc.report/1"}), "made with convention null"),
    ],
)
def test_what_is_no_report_is_refused(repository: Repository, text: str, message: str) -> None:
    repository.write("base.json", text)
    with pytest.raises(UsageError, match=message):
        named("base.json", HERE).report("models/net.yaml", "small", NO_OVERRIDES, STANDARD)


# What can be wrong with a repository


def test_a_ref_that_is_none_is_said(repository: Repository) -> None:
    with pytest.raises(UsageError, match="'nowhere' is no revision of"):
        named("nowhere", HERE)
    with pytest.raises(UsageError, match="git fetch origin main"):
        named("origin/main", HERE)
    with pytest.raises(UsageError, match="is no revision of"):
        named("--help", HERE)


def test_a_shallow_clone_is_told_how_to_mend_it(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.write("models/net.yaml", net(96))
    repository.commit()
    repository.git("switch", "--quiet", "main")
    repository.write("models/net.yaml", net(128))
    repository.commit("main moves on")
    url = f"file://{repository.folder}"
    repository.git("clone", "--quiet", "--depth=1", "--branch=change", url, "../shallow")
    monkeypatch.chdir(tmp_path / "shallow")
    with pytest.raises(UsageError, match="fetch-depth: 0"):
        named("origin/main", HERE)
    shallow = repository.git("-C", "../shallow", "fetch", "--quiet", "--depth=1", "origin",
                             "main:refs/remotes/origin/main")  # fmt: skip
    assert shallow == ""
    with pytest.raises(UsageError, match="git fetch --unshallow"):
        named("origin/main", HERE)
    repository.git("-C", "../shallow", "fetch", "--quiet", "--unshallow")
    assert head_of(named("origin/main", HERE)) == 64


def test_unrelated_history_has_no_base(repository: Repository) -> None:
    repository.git("switch", "--quiet", "--orphan", "unrelated")
    repository.write("models/net.yaml", net())
    repository.commit()
    with pytest.raises(UsageError, match="no commit in common"):
        named("main", HERE)


def test_outside_of_a_repository_there_is_no_base(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="not in a git repository"):
        named("main", HERE)
    Repository(tmp_path)
    with pytest.raises(UsageError, match="'main' is no revision"):
        named("main", HERE)


def test_a_bare_repository_has_no_work_tree(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.git("clone", "--quiet", "--bare", ".", "../bare")
    monkeypatch.chdir(tmp_path / "bare")
    with pytest.raises(UsageError, match="is not in a git repository"):
        named("main", HERE)


def test_without_git_that_is_said(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.devnull)
    with pytest.raises(UsageError, match="needs git"):
        named("main", HERE)


def test_a_revision_by_name_is_that_very_commit(repository: Repository) -> None:
    commit = repository.git("rev-parse", "HEAD")
    assert revision(HERE, "main").label == f"main@{commit[:7]}"
    assert revision(HERE, commit).label == f"{commit[:7]}@{commit[:7]}"
