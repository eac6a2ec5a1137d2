"""The models of a call: in a git revision, set by hand, and each under a name of its own."""

import json
from pathlib import Path

import pytest
from tests.program import run
from tests.repository import Repository

PLAIN = "input: [3, 32, 32]\nvars: {width: 1}\nlayers: [{conv: {out: =8*width}}]\n"
FAMILY = "input: [3, 32, 32]\nvars: {width: 1}\nvariants: {small: {}, large: {width: 2}}\n"
FAMILY += "layers: [{conv: {out: =8*width}}]\n"


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    made = Repository(tmp_path / "project")
    made.write("plain.yaml", PLAIN)
    made.write("family.yaml", FAMILY)
    made.commit()
    made.write("plain.yaml", PLAIN.replace("8*", "9*"))
    monkeypatch.chdir(made.folder)
    return made


def test_a_model_is_shown_as_it_was_in_a_revision(repository: Repository) -> None:
    done = run("show", "HEAD:plain.yaml@width=2")
    assert done.stdout.startswith("plain@width=2: 3×32×32 → 16×32×32\n")
    assert run("show", "plain.yaml").stdout.startswith("plain: 3×32×32 → 9×32×32\n")


def test_a_file_of_the_zoo_is_no_revision_of_git(repository: Repository) -> None:
    assert "a shipped model has a name of its own" in run("show", "zoo:resnet.yaml").stderr


def test_a_file_that_the_revision_has_not_is_said(repository: Repository) -> None:
    done = run("show", "HEAD:other.yaml")
    assert done.returncode == 2
    assert "other.yaml is not in HEAD@" in done.stderr


def test_each_name_shows_the_input_that_is_for_all(repository: Repository) -> None:
    text = run("compare", "plain.yaml", "resnet18", "--input", "3,64,64").stdout
    assert "\nplain@3,64,64 " in text
    assert "\nresnet18@3,64,64 " in text


def test_settings_of_several_models_are_refused(repository: Repository) -> None:
    done = run("compare", "plain.yaml", "resnet18", "--set", "width=3")
    assert done.returncode == 2
    assert "write it after the one it is for: plain.yaml@width=3" in done.stderr


def test_one_file_of_several_variants_is_set_as_a_whole_and_a_note_says_so(
    repository: Repository,
) -> None:
    done = run("compare", "family.yaml", "--set", "width=3")
    assert "\nsmall@width=3 " in done.stdout
    assert "\nlarge@width=3 " in done.stdout
    assert done.stderr.startswith("note: the variant 'large' sets width itself;")


def test_a_check_names_what_is_set_once(repository: Repository) -> None:
    done = run("check", "family.yaml@width=3", "--max", "params=1k")
    assert "family.yaml#small@width=3  ok" in done.stdout


@pytest.mark.parametrize(
    ("call", "names"),
    [
        (["family.yaml", "twin.yaml#small"], "family.yaml#small family.yaml#large twin.yaml#small"),
        (["plain.yaml", "sub/plain.yaml"], "plain.yaml sub/plain.yaml"),
        (["plain.yaml@width=2", "sub/plain.yaml@width=2", "resnet18"],
         "plain.yaml@width=2 sub/plain.yaml@width=2 resnet18"),
        (["resnet18", "resnet34", "resnet18"], "resnet18 (1) resnet34 resnet18 (3)"),
    ],
)  # fmt: skip
def test_designs_of_one_name_are_told_apart_by_their_files(
    call: list[str], names: str, repository: Repository
) -> None:
    repository.write("twin.yaml", FAMILY)
    repository.write("sub/plain.yaml", PLAIN)
    done = run("compare", *call, "--columns", "params", "-f", "json")
    assert " ".join(design["name"] for design in json.loads(done.stdout)["designs"]) == names


def test_ratios_are_to_the_baseline_of_the_file(repository: Repository) -> None:
    blocks = "blocks: {a: {plain: {out: 8}}, b: {plain: {out: 16}}}\nbaseline: b\n"
    repository.write("blocks.yaml", f"input: [8, 8, 8]\n{blocks}")
    document = json.loads(run("compare", "blocks.yaml", "--format", "json").stdout)
    assert document["baseline"] == "b"
