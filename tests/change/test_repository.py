"""Nothing of an untrusted tree is run, and the base is the real repository's."""

import os
import shutil
from pathlib import Path

import pytest
from tests.change.history import base_of, head_of, was
from tests.repository import Repository, net

from bncalc.change.repository import repository as find
from bncalc.change.repository import repository_at
from bncalc.change.revision import revision
from bncalc.errors import SpecError, UsageError
from bncalc.opening.name import ModelName

RUN = (
    "core.fsmonitor",
    "core.pager",
    "diff.external",
    "diff.f.command",
    "diff.f.textconv",
    "filter.f.clean",
    "filter.f.process",
    "filter.f.smudge",
)
"""Keys of a configuration that name a program."""
POSIX = pytest.mark.skipif(os.name == "nt", reason="commands of a configuration are for sh")


@pytest.fixture
def trap(tmp_path: Path) -> Path:
    """A program that leaves a trace wherever it is run from."""
    program = tmp_path / "trap.sh"
    program.write_text(f"#!/bin/sh\ntouch '{tmp_path}/sprung'\ncat\n")
    program.chmod(0o755)
    return program


def sprung(trap: Path) -> bool:
    return (trap.parent / "sprung").exists()


def bare_repository(repository: Repository, folder: str, trap: Path) -> None:
    """Write plain files, as a commit can hold them, that git takes for a bare repository.

    Its `main` holds the grown network, and its configuration runs a program.
    """
    attacker = Repository(repository.folder.parent / "attacker")
    attacker.write("models/net.yaml", net(512))
    attacker.write("net.yaml", net(512))
    attacker.commit()
    target = repository.folder / folder
    shutil.copytree(attacker.folder / ".git", target, dirs_exist_ok=True)
    lines = [f"[core]\n\tfsmonitor = {trap}\n\tworktree = .\n\tbare = false\n"]
    lines += [f"[diff]\n\texternal = {trap}\n[core]\n\tpager = {trap}\n\tsshCommand = {trap}\n"]
    (target / "config").write_text("".join(lines))


@POSIX
@pytest.mark.parametrize("folder", ["models", ".", "models/deep"])
def test_files_that_look_like_a_repository_are_not_asked(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, trap: Path, folder: str
) -> None:
    bare_repository(repository, folder, trap)
    repository.write("models/deep/net.yaml", net())
    monkeypatch.chdir(repository.folder / folder)
    path = os.path.relpath(repository.folder / "models/net.yaml")
    assert find(Path()).storage == repository.folder / ".git"
    assert head_of("main", path) == 64
    assert not sprung(trap)


@POSIX
def test_a_configuration_runs_nothing(repository: Repository, trap: Path) -> None:
    hooks = repository.folder / ".git/hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("post-index-change", "fsmonitor-watchman", "reference-transaction"):
        shutil.copy(trap, hooks / name)
    for key in RUN:
        repository.git("config", key, str(trap))
    repository.write(".gitattributes", "*.yaml filter=f diff=f text eol=crlf ident\n")
    (repository.folder / "models/net.yaml").rename(repository.folder / "models/other.yaml")
    base = base_of("main")
    assert head_of(base, "models/other.yaml") == 64
    assert base.revision.moved == {}  # type: ignore[attr-defined]
    assert not sprung(trap)


@POSIX
def test_the_environment_does_not_redirect_git(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, trap: Path
) -> None:
    other = Repository(tmp_path / "other")
    other.write("models/net.yaml", net(512))
    other.commit()
    monkeypatch.setenv("GIT_DIR", str(other.folder / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other.folder))
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", str(trap))
    monkeypatch.setenv("GIT_CONFIG_PARAMETERS", f"'core.fsmonitor={trap}'")
    assert head_of("main") == 64
    assert not sprung(trap)


@POSIX
def test_a_missing_object_is_not_fetched(repository: Repository, trap: Path) -> None:
    repository.git("config", "remote.origin.url", f"ext::{trap}")
    repository.git("config", "remote.origin.promisor", "true")
    repository.git("config", "protocol.allow", "always")
    repository.git("config", "extensions.partialClone", "origin")
    repository.write("models/net.yaml", net(96))
    repository.commit()
    blob = repository.git("rev-parse", "HEAD:models/net.yaml")
    (repository.folder / f".git/objects/{blob[:2]}/{blob[2:]}").unlink()
    with pytest.raises(UsageError, match="git has no content for the object"):
        was("HEAD", "models/net.yaml")
    assert not sprung(trap)


def test_a_file_is_read_up_to_a_number_of_bytes(repository: Repository) -> None:
    size = len((repository.folder / "models/net.yaml").read_bytes())
    was_there = revision(repository.folder, "main")
    assert len(was_there.read("models/net.yaml", size)) == size
    with pytest.raises(SpecError, match="the file is larger than"):
        was_there.read("models/net.yaml", size - 1)


def test_an_object_is_read_in_pieces_up_to_its_end(repository: Repository) -> None:
    here = repository_at(repository.folder)
    assert here is not None
    stream, size = here.blob(repository.git("rev-parse", "HEAD:models/net.yaml"))
    pieces = [stream.read(10), stream.read(size - 11), stream.read(9), stream.read(9)]
    stream.close()
    assert b"".join(pieces) == (repository.folder / "models/net.yaml").read_bytes()
    assert [len(piece) for piece in pieces[2:]] == [1, 0]


def test_a_worktree_has_the_base_of_its_repository(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.git("worktree", "add", "--quiet", "-b", "further", "../further", "main")
    monkeypatch.chdir(repository.folder.parent / "further/models")
    assert head_of("main", "net.yaml") == 64


@POSIX
def test_a_link_to_a_repository_that_lies_elsewhere_is_followed(
    repository: Repository, tmp_path: Path
) -> None:
    (repository.folder / ".git").rename(tmp_path / "kept.git")
    (repository.folder / ".git").symlink_to(tmp_path / "kept.git")
    assert head_of("main") == 64


@POSIX
@pytest.mark.parametrize("kind", ["link", "file"])
def test_a_git_folder_that_leads_into_the_tree_is_refused(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, trap: Path, kind: str
) -> None:
    bare_repository(repository, "fake", trap)
    entry = repository.folder / "models/.git"
    if kind == "link":
        entry.symlink_to("../fake")
    else:
        entry.write_text("gitdir: ../fake\n")
    monkeypatch.chdir(repository.folder / "models")
    with pytest.raises(UsageError, match=r"models/\.git leads to .*/fake, which are files of a"):
        base_of("main")
    assert not sprung(trap)


def test_a_git_entry_that_is_no_repository_is_passed_over(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    for text in ("gitdir: nowhere\n", "nonsense", "gitdir:"):
        repository.write("models/.git", text)
        monkeypatch.chdir(repository.folder / "models")
        assert find(Path()).top == repository.folder


# Submodules


@pytest.fixture
def submodule(repository: Repository, tmp_path: Path) -> Repository:
    """A submodule `models/ours` of the repository, committed there on both branches."""
    ours = Repository(tmp_path / "ours")
    ours.write("net.yaml", net())
    ours.commit()
    allow = ("-c", "protocol.file.allow=always")
    repository.git(*allow, "submodule", "--quiet", "add", "../ours", "models/ours")
    repository.commit("with a submodule")
    repository.git("branch", "--force", "main", "HEAD")
    inside = Repository.__new__(Repository)
    inside.folder = repository.folder / "models/ours"
    inside.git("config", "user.name", "A Test")
    inside.git("config", "user.email", "test@example.org")
    return inside


@POSIX
def test_a_submodule_is_read_at_its_commit(
    submodule: Repository, trap: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    submodule.write("net.yaml", net(96))
    submodule.commit()
    submodule.git("config", "core.fsmonitor", str(trap))
    base = base_of("main")
    assert head_of(base, "models/ours/net.yaml") == 64
    with pytest.raises(UsageError, match=r"models/ours/new\.yaml is not in main@"):
        base.origin(ModelName("models/ours/new.yaml"))
    monkeypatch.chdir(submodule.folder)  # whose own history is asked from within
    assert head_of("HEAD~1", "net.yaml") == 64
    assert not sprung(trap)


def test_a_commit_of_a_submodule_that_is_not_here_is_said(
    submodule: Repository, repository: Repository, tmp_path: Path
) -> None:
    commit = submodule.git("rev-parse", "HEAD")
    shutil.rmtree(submodule.folder)
    submodule.folder.mkdir()
    submodule.write("net.yaml", net())
    with pytest.raises(UsageError, match=r"submodule models/ours is at .* `git submodule update"):
        was("main", "models/ours/net.yaml")
    other = Repository(submodule.folder)
    other.commit("another history")
    with pytest.raises(UsageError, match=f"`git -C models/ours fetch origin {commit}`"):
        was("main", "models/ours/net.yaml")


# Which git, and whose repository


@POSIX
@pytest.mark.parametrize(
    ("answer", "refused"),
    [
        ("git version 2.29.3", True),
        ("git version 1.8.3.1", True),
        ("nonsense", True),
        ("git version 2.30.0", False),
        ("git version 3.0.0-rc1", False),
        ("git version 2.39.5 (Apple Git-154)", False),
    ],
)
def test_an_older_git_is_refused(
    repository: Repository,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    answer: str,
    refused: bool,
) -> None:
    real, fake = shutil.which("git"), tmp_path / "bin/git"
    fake.parent.mkdir()
    fake.write_text(f'#!/bin/sh\n[ "$1" = version ] && echo "{answer}" || exec {real} "$@"\n')
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{fake.parent}{os.pathsep}{os.environ['PATH']}")
    if refused:
        with pytest.raises(UsageError, match=r"needs git 2\.30 or newer"):
            base_of("main")
    else:
        assert head_of("main") == 64


@POSIX
def test_a_git_in_the_tree_is_not_run(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, trap: Path
) -> None:
    shutil.copy(trap, repository.folder / "git")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(UsageError, match="no `git` on the PATH"):
        base_of("main")
    assert not sprung(trap)


@POSIX
@pytest.mark.parametrize(
    ("safe", "is_trusted"),
    [
        ([""], False),
        (["*"], True),
        (["{top}"], True),
        (["{parent}/*"], True),
        (["{top}", ""], False),  # which takes back what was said before it
        (["elsewhere", "", "{top}"], True),
    ],
)
def test_the_repository_of_another_user_is_not_trusted_unless_it_is_named(
    repository: Repository,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    safe: list[str],
    is_trusted: bool,
) -> None:
    config = tmp_path / "gitconfig"
    values = [value.format(top=repository.folder, parent=tmp_path) for value in safe]
    config.write_text("[safe]\n" + "".join([f'\tdirectory = "{value}"\n' for value in values]))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    if is_trusted:
        assert head_of("main") == 64
    else:
        with pytest.raises(UsageError, match=r"another user owns it: .*safe\.directory"):
            base_of("main")


@POSIX
def test_the_repository_of_who_called_sudo_is_trusted(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = os.getuid() or 12345
    if owner != os.getuid():
        for path in (repository.folder, repository.folder / ".git"):
            os.chown(path, owner, -1)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    with pytest.raises(UsageError, match="another user owns it"):
        base_of("main")
    monkeypatch.setenv("SUDO_UID", str(owner))
    assert base_of("main").label
