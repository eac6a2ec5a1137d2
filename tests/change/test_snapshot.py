"""Bases in real repositories."""

import json
import os
from pathlib import Path

import pytest
from tests.change.history import base_of, head_of, was
from tests.documents import document_text
from tests.problems import problems_of
from tests.repository import FAMILY, Repository, net

from bncalc.analysis.assumptions import Assumptions
from bncalc.analysis.measurement import measure
from bncalc.change.commit import Commit
from bncalc.change.revision import revision
from bncalc.change.saved_report import read_document
from bncalc.change.snapshot import Absent
from bncalc.errors import SpecError, UsageError
from bncalc.model.cost import Cost
from bncalc.model.net import Net
from bncalc.model.ops.foreign import Facts, Foreign
from bncalc.model.shape import Shape
from bncalc.opening.model import Overrides, open_model
from bncalc.opening.name import parse


def test_the_base_is_what_the_branch_began_from(repository: Repository) -> None:
    began = repository.git("rev-parse", "HEAD")
    repository.write("models/net.yaml", net(96))
    repository.commit()
    repository.git("switch", "--quiet", "main")
    repository.write("models/net.yaml", net(128))
    repository.commit("main moves on")
    repository.git("switch", "--quiet", "change")
    base = base_of("main")
    assert base.label == f"main@{began[:7]} (merge-base)"
    assert head_of(base) == 64


def test_what_is_not_committed_and_the_index_do_not_count(repository: Repository) -> None:
    repository.write("models/net.yaml", net(96))
    repository.git("add", "--all")
    before = repository.git("status", "--porcelain")
    assert head_of("HEAD") == 64
    assert repository.git("status", "--porcelain") == before


def test_paths_are_found_from_a_folder_within(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repository.folder / "models")
    assert head_of("main", "net.yaml") == 64
    assert head_of("main", str(repository.folder / "models/net.yaml")) == 64


def test_includes_are_read_in_the_revision(repository: Repository) -> None:
    blocks = "define: {{head: {{args: {{out: 8}}, layers: [{{conv: {{out: {}}}}}]}}}}\n"
    repository.write("parts/blocks.yaml", blocks.format(24))
    text = "input: [3, 8, 8]\ninclude: ../parts/blocks.yaml\nlayers: [{head: {out: 1}}]\n"
    repository.write("models/including.yaml", text)
    repository.commit()
    repository.write("parts/blocks.yaml", blocks.format(48))
    base = base_of("HEAD")
    assert was(base, "models/including.yaml").report.output.channels == 24
    assert open_model("models/including.yaml").graphs[0].output.channels == 48


def test_a_file_that_was_renamed_is_known_by_the_name_of_its_model(repository: Repository) -> None:
    repository.git("mv", "models/net.yaml", "models/renamed.yaml")
    repository.write("models/renamed.yaml", net(96))
    repository.commit()
    assert head_of("main", "models/renamed.yaml") == 64


@pytest.mark.parametrize("name", ["", "name: small\n"])
def test_a_file_that_git_knows_for_moved_is_known_without_a_name(
    repository: Repository, name: str
) -> None:
    repository.write("models/net.yaml", f"# The net.\n{net()}".replace("name: small\n", name))
    repository.commit()
    repository.git("branch", "--force", "main", "HEAD")
    repository.git("mv", "models/net.yaml", "models/ü b.yaml")
    repository.write("models/ü b.yaml", net(96).replace("name: small\n", ""))
    assert head_of("main", "models/ü b.yaml") == 64
    repository.commit()
    assert head_of("main", "models/ü b.yaml") == 64
    repository.write("models/new.yaml", net(96, "untracked"))
    with pytest.raises(Absent, match=r"models/new\.yaml is not in main@"):
        was("main", "models/new.yaml")


def test_a_report_of_another_name_is_a_base_if_what_was_set_is_the_same(
    repository: Repository,
) -> None:
    report = measure(open_model("models/net.yaml@64").graphs[0])
    repository.write("base.json", document_text(report))
    assert was("base.json", "models/net.yaml@3,64,64").report.totals == report.totals
    for other in ("models/net.yaml", "models/net.yaml@3,32,32"):
        with pytest.raises(UsageError, match=r"base\.json has small@64, which cannot be compared"):
            was("base.json", other)


def test_a_commit_knows_what_has_moved_and_what_was_edited(repository: Repository) -> None:
    model = repository.folder / "models/net.yaml"
    repository.write("models/net.onnx", "some bytes")
    repository.write("models/b.yaml", net(24, "b"))
    repository.commit()
    base = base_of("HEAD")
    assert isinstance(base, Commit)
    assert (base.is_head, base.is_edited(["models/net.yaml", "gone.yaml"])) == (True, False)
    model.write_bytes(model.read_bytes().replace(b"\n", b"\r\n"))
    assert not base.is_edited(["models/net.yaml", "models/net.onnx"])
    repository.write("models/net.onnx", "some bytes\r\n")
    assert base.is_edited(["models/net.onnx"])
    repository.write("models/net.yaml", net(96))
    assert base.is_edited(["models/net.yaml"])
    repository.write("models/new.yaml", net(96, "another"))
    assert base.is_edited(["models/new.yaml"])
    repository.git("mv", "models/net.yaml", "models/moved.yaml")
    repository.git("mv", "models/b.yaml", "models/c.yaml")
    repository.write("models/moved.yaml", net())
    assert base_of("HEAD").moved_to("models/net.yaml") == "models/moved.yaml"
    assert base_of("HEAD").moved_to("models/b.yaml") == "models/c.yaml"
    assert base_of("HEAD").moved_to("models/other.yaml") is None
    repository.commit()
    assert not base.is_head


def test_a_new_model_is_absent(repository: Repository) -> None:
    repository.write("models/new.yaml", net(32, "another"))
    repository.write("models/copy.yaml", net(32))  # whose namesake is still there
    base = base_of("main")
    for path in ("models/new.yaml", "models/copy.yaml", "models/none.yaml", "../outside.yaml"):
        with pytest.raises(Absent):
            base.origin(parse(path))
    with pytest.raises(Absent):
        was(base, "models/new.yaml")


def test_a_new_alternative_is_absent(repository: Repository) -> None:
    text = "input: [8, 8, 8]\nblocks:\n  plain: {plain: {out: 8}}\n"
    repository.write("models/blocks.yaml", text)
    repository.commit()
    repository.write("models/blocks.yaml", f"{text}  other: {{plain: {{out: 16}}}}\n")
    base = base_of("HEAD")
    assert was(base, "models/blocks.yaml").report.totals.params == 576
    with pytest.raises(Absent, match=r"models/blocks\.yaml holds no design 'other' in HEAD@"):
        was(base, "models/blocks.yaml#other")
    assert base.parts("models/blocks.yaml") == ("plain",)


def test_a_single_network_was_none_of_several(repository: Repository) -> None:
    repository.write("models/net.yaml", FAMILY)
    with pytest.raises(Absent, match="holds no design 'large'"):
        was("main", "models/net.yaml#large")
    repository.commit()
    repository.write("models/net.yaml", net())
    with pytest.raises(Absent, match="holds no single network"):
        was("HEAD")
    assert base_of("HEAD").parts("models/net.yaml") == ("small", "large")


def test_a_shipped_model_is_the_same_in_every_base(repository: Repository) -> None:
    report = was("main", "resnet50").report
    assert report.totals.params == 25_557_032


def test_a_detached_head_has_a_base(repository: Repository) -> None:
    repository.write("models/net.yaml", net(96))
    repository.git("switch", "--quiet", "--detach", repository.commit())
    assert head_of("main") == 64


def test_a_link_is_followed_within_the_revision(repository: Repository) -> None:
    (repository.folder / "link.yaml").symlink_to("models/net.yaml")
    repository.commit()
    repository.write("models/net.yaml", net(96))
    assert head_of("HEAD", "link.yaml") == 64


def test_links_that_lead_to_each_other_lead_to_no_file(repository: Repository) -> None:
    (repository.folder / "a.yaml").symlink_to("b.yaml")
    (repository.folder / "b.yaml").symlink_to("a.yaml")
    repository.commit()
    with pytest.raises(SpecError, match="there is no such file in this revision"):
        revision(repository.folder, "HEAD").read("a.yaml")


def test_a_commit_that_another_one_replaces_is_the_base_as_it_was_made(
    repository: Repository,
) -> None:
    repository.write("models/net.yaml", net(512))
    repository.git("replace", "main", repository.commit())
    repository.git("reset", "--quiet", "--hard", "main")
    assert head_of("main") == 64


def test_a_problem_in_the_base_is_placed_in_the_base(repository: Repository) -> None:
    repository.write("models/net.yaml", "input: [3, 8, 8]\nlayers: [{conv: {uot: 8}}]\n")
    commit = repository.commit()
    repository.write("models/net.yaml", net())
    assert str(problems_of(was, "HEAD", "models/net.yaml")[0]).startswith(
        f"HEAD@{commit[:7]}:models/net.yaml:2:"
    )


def test_names_of_files_may_be_strange(repository: Repository) -> None:
    repository.write('models/a "b"\tü\n.yaml', net(48))
    repository.commit()
    assert head_of("HEAD", 'models/a "b"\tü\n.yaml') == 48


# Other bases


def test_a_folder_is_a_base(repository: Repository) -> None:
    repository.git("worktree", "add", "--quiet", "../old", "main")
    repository.git("mv", "models/net.yaml", "models/renamed.yaml")
    base = base_of("../old")
    assert base.label == "../old"
    assert base.origin(parse("models/net.yaml")) == "../old/models/net.yaml"
    assert head_of(base, "models/renamed.yaml") == 64
    assert list(base.files(lambda name: name == "models/net.yaml")) == ["../old/models/net.yaml"]


def test_a_folder_that_is_a_base_shows_nothing_from_elsewhere(
    repository: Repository, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text("password: hunter2\n")
    (tmp_path / "old/models").mkdir(parents=True)
    (tmp_path / "old/models/net.yaml").symlink_to("../../secret")
    with pytest.raises(SpecError, match="leads out of the base folder") as caught:
        was("../old")
    assert "password" not in str(caught.value)


def test_a_report_is_a_base(repository: Repository) -> None:
    report = measure(open_model("models/net.yaml").graphs[0])
    text = document_text(report)
    repository.write("base.json", text)
    base = base_of("base.json")
    again = was(base).report
    assert again.totals == report.totals
    assert [layer.path for layer in again.layers] == [layer.path for layer in report.layers]
    assert (again.inputs, again.outputs, again.peak) == (report.inputs, report.outputs, report.peak)
    assert [layer.counted for layer in again.layers] == [True] * len(again.layers)
    assert document_text(again._replace(parts=report.parts)) == text
    repository.write("models/other.yaml", net(name="other"))
    with pytest.raises(Absent, match=r"other is not in base\.json"):
        was(base, "models/other.yaml")
    with pytest.raises(UsageError, match="made with batch 1, and not 2"):
        was(base, assumptions=Assumptions(batch=2))
    for other, message in (
        (Assumptions(fold_norm=True), "fold_norm false, and not true"),
        (Assumptions(optimizer="adam"), "optimizer 'momentum', and not 'adam'"),
        (Assumptions(checkpoint=True), "checkpoint false, and not true"),
    ):
        with pytest.raises(UsageError, match=message):
            was(base, assumptions=other)
    with pytest.raises(UsageError, match="--input"):
        was(base, overrides=Overrides(input=Shape(3, 9, 9)))
    repository.write("models/net.yaml", net().replace("32, 32", "64, 64"))
    assert was(base).report.totals == report.totals


def test_a_report_reads_back_with_its_settings_and_what_it_does_not_count(
    repository: Repository,
) -> None:
    net = Net((3, 8, 8))
    net.place(Foreign(Facts("own", Shape(3, 8, 8), Cost(), counted=False)), net.input)
    report = measure(net.graph("net"))._replace(settings=(("widths", (4, (8, 9))), ("n", 2)))
    repository.write("base.json", document_text(report))
    again = read_document("base.json", Assumptions())["net"]
    assert again.settings == report.settings
    assert [layer.op for layer in again.uncounted] == ["own"]


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
        was("base.json")


# What can be wrong with a repository


def test_a_ref_that_is_none_is_said(repository: Repository) -> None:
    with pytest.raises(UsageError, match="'nowhere' is not a revision of"):
        base_of("nowhere")
    with pytest.raises(UsageError, match="git fetch origin main"):
        base_of("origin/main")
    with pytest.raises(UsageError, match=r"models/net\.yaml is a file, and a base is a git ref"):
        base_of("models/net.yaml")
    with pytest.raises(UsageError, match="is not a revision of"):
        base_of("--help")


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
        base_of("origin/main")
    shallow = repository.git("-C", "../shallow", "fetch", "--quiet", "--depth=1", "origin",
                             "main:refs/remotes/origin/main")  # fmt: skip
    assert shallow == ""
    with pytest.raises(UsageError, match="git fetch --unshallow"):
        base_of("origin/main")
    repository.git("-C", "../shallow", "fetch", "--quiet", "--unshallow")
    assert head_of("origin/main") == 64


def test_unrelated_history_has_no_base(repository: Repository) -> None:
    repository.git("switch", "--quiet", "--orphan", "unrelated")
    repository.write("models/net.yaml", net())
    repository.commit()
    with pytest.raises(UsageError, match="no commit in common"):
        base_of("main")


def test_outside_of_a_repository_there_is_no_base(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="not in a git repository"):
        base_of("main")
    Repository(tmp_path)
    with pytest.raises(UsageError, match="'main' is not a revision"):
        base_of("main")


def test_a_bare_repository_has_no_work_tree(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.git("clone", "--quiet", "--bare", ".", "../bare")
    monkeypatch.chdir(tmp_path / "bare")
    with pytest.raises(UsageError, match="is not in a git repository"):
        base_of("main")


def test_without_git_that_is_said(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.devnull)
    with pytest.raises(UsageError, match="needs git"):
        base_of("main")


def test_a_revision_by_name_is_that_very_commit(repository: Repository) -> None:
    commit = repository.git("rev-parse", "HEAD")
    assert revision(Path(), "main").label == f"main@{commit[:7]}"
    assert revision(Path(), commit).label == f"{commit[:7]}@{commit[:7]}"


def test_a_report_reads_back_which_layers_run_in_training_only(repository: Repository) -> None:
    net = Net((3, 8, 8))
    with net.training_only():
        net.conv(net.conv(net.input, 4, 1), 4, 1)
    net.conv(net.input, 4, 1)
    report = measure(net.graph("net"))
    repository.write("base.json", document_text(report))
    again = read_document("base.json", Assumptions())["net"]
    assert [layer.training_only for layer in again.layers] == [True, True, False]
