"""What leads out of a work tree is read, and what is wrong in it is not shown."""

from pathlib import Path

import pytest

import bncalc
from bncalc.analysis.assumptions import DTYPES
from bncalc.change.file_snapshot import Folder
from bncalc.language.device import read_device
from bncalc.work_tree import leads_out

SECRET = "password: hunter2\n"
NET = "input: [3, 8, 8]\ninclude: {}\nlayers: [relu]\n"


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """Return a folder of a repository, beside which lies a secret."""
    repository = tmp_path / "repository"
    (repository / "models").mkdir(parents=True)
    (repository / ".git" / "objects").mkdir(parents=True)
    (repository / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    (tmp_path / "secret.yaml").write_text(SECRET)
    (tmp_path / "blocks.yaml").write_text("define: {mine: {layers: [relu]}}\n")
    return repository / "models"


def message(path: Path) -> str:
    with pytest.raises(bncalc.SpecError) as raised:
        bncalc.load(str(path))
    assert "hunter2" not in str(raised.value)
    assert "password" not in str(raised.value)
    return str(raised.value)


@pytest.mark.parametrize(
    "name", ["../../secret.yaml", "{tmp_path}/secret.yaml", "link.yaml", "/etc/passwd"]
)
def test_what_is_wrong_in_a_foreign_include_is_not_shown(
    models: Path, tmp_path: Path, name: str
) -> None:
    (models / "link.yaml").symlink_to(tmp_path / "secret.yaml")
    net = models / "net.yaml"
    net.write_text(NET.format(name.format(tmp_path=tmp_path)))
    text = message(net)
    assert text.startswith(f"{net}:2:10: error: cannot include ")
    assert "root:" not in text
    assert text.endswith("it is outside the repository, so its problems are not shown")


def test_blocks_beside_the_repository_can_be_included(models: Path) -> None:
    (models / "net.yaml").write_text(
        "input: [3, 8, 8]\ninclude: ../../blocks.yaml\nlayers: [mine]\n"
    )
    assert len(bncalc.load(str(models / "net.yaml"))) == 1


@pytest.mark.parametrize("is_folder", [False, True])
def test_a_model_that_is_a_link_out_shows_nothing(
    models: Path, tmp_path: Path, is_folder: bool
) -> None:
    if is_folder:
        (models / "there").symlink_to(tmp_path)
        name = models / "there" / "secret.yaml"
    else:
        name = models / "net.yaml"
        name.symlink_to(tmp_path / "secret.yaml")
    assert message(name).endswith("its problems are not shown")


def test_a_device_that_is_a_link_out_shows_nothing(models: Path, tmp_path: Path) -> None:
    (models / "chip.yaml").symlink_to(tmp_path / "secret.yaml")
    with pytest.raises(bncalc.SpecError) as raised:
        read_device(str(models / "chip.yaml"), DTYPES)
    assert "password" not in str(raised.value)


def test_a_path_leads_out_of_the_folder_where_there_is_no_repository(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    assert leads_out(str(tmp_path / "a" / ".." / "x.yaml"), str(tmp_path / "a"))
    assert not leads_out(str(tmp_path / "a" / "x.yaml"))


@pytest.mark.parametrize("file", ["HEAD", "objects/"])
def test_a_folder_of_git_without_objects_or_a_head_is_no_repository(
    models: Path, tmp_path: Path, file: str
) -> None:
    lost = models.parent / ".git" / file
    lost.rmdir() if lost.is_dir() else lost.unlink()
    (tmp_path / ".git" / "objects").mkdir(parents=True)
    (tmp_path / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    (models / "net.yaml").write_text(NET.format("../../secret.yaml"))
    with pytest.raises(bncalc.SpecError, match="password"):
        bncalc.load(str(models / "net.yaml"))


def test_a_link_to_itself_is_a_file_that_cannot_be_read(models: Path) -> None:
    (models / "loop.yaml").symlink_to("loop.yaml")
    assert "loop.yaml: error: cannot read the file: " in message(models / "loop.yaml")
    folder = Folder(models, models, "base")
    assert folder.at(str(models / "loop.yaml")) is not None
