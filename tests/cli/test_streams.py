"""When streams, disks and installations do not play along: a short word, never a traceback."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.program import ROOT

BNCALC = f"'{sys.executable}' -m bncalc"
# As a shell has it that nobody set up: unbuffered streams would hide what fails when they end.
BARE = {key: value for key, value in os.environ.items() if key != "PYTHONUNBUFFERED"}


def shell(command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        cwd=ROOT,
        env={**BARE, **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )


FULL = pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is full")


@FULL
@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        *[(call, "cannot write the answer: ") for call in
          ("compare resnet18", "show resnet18 --format json", "schema")],
        *[(call, "") for call in ("--version", "--help", "block --help")],
    ],
)  # fmt: skip
def test_a_full_disk_is_said_once(arguments: str, what: str) -> None:
    done = shell(f"{BNCALC} {arguments} >/dev/full")
    assert done.returncode == 2
    assert done.stderr == f"error: {what}No space left on device\n"


@pytest.mark.parametrize("arguments", ["compare resnet18", "show resnet18 --format csv"])
def test_a_closed_standard_output_is_an_error(arguments: str) -> None:
    done = shell(f"{BNCALC} {arguments} >&-")
    assert done.returncode == 2
    assert done.stderr == "error: cannot write the answer: standard output is closed\n"


def test_a_closed_standard_error_changes_no_exit_code() -> None:
    done = shell(f"{BNCALC} show nothing >&- 2>&-")
    assert (done.returncode, done.stdout, done.stderr) == (2, "", "")


@FULL
@pytest.mark.parametrize(("arguments", "code"), [("compare resnet18", 0), ("show nothing", 2)])
def test_a_full_standard_error_changes_no_exit_code(arguments: str, code: int) -> None:
    assert shell(f"{BNCALC} {arguments} 2>/dev/full").returncode == code


@pytest.mark.parametrize("arguments", ["show densenet201", "show densenet201 -f json"])
def test_a_reader_that_stops_early_is_no_error(arguments: str) -> None:
    done = shell(f"{BNCALC} {arguments} | head -1")
    assert done.returncode in (0, 128 + signal.SIGPIPE)
    assert done.stderr == ""
    assert len(done.stdout.splitlines()) == 1


# A job in the background ignores interrupts, and so would everything that it starts.
INTERRUPTIBLE = """import signal; signal.signal(signal.SIGINT, signal.default_int_handler)
from bncalc.cli.main import main; main()"""


def test_an_interrupt_is_quiet() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", INTERRUPTIBLE, "show", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as waiting:
        assert waiting.stdin is not None
        waiting.stdin.write("# more than a pipe holds\n" * 20_000)  # so that it is reading by now
        waiting.send_signal(signal.SIGINT)
        assert waiting.communicate(timeout=60) == ("", "")
    assert waiting.returncode == 130


def test_what_nobody_expected_is_one_line_and_a_way_to_see_more(tmp_path: Path) -> None:
    (tmp_path / "yaml.py").write_text("raise RuntimeError('broken')\n")  # an installation gone bad
    done = shell(f"{BNCALC} compare resnet18", PYTHONPATH=str(tmp_path))
    hint = "(this is a bug in bncalc; set BNCALC_DEBUG=1 to see the traceback)"
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"bncalc: internal error: RuntimeError: broken {hint}\n"
    more = shell(f"{BNCALC} compare resnet18", PYTHONPATH=str(tmp_path), BNCALC_DEBUG="1").stderr
    assert more.startswith("Traceback")
    assert more.endswith("RuntimeError: broken\n")


def test_an_answer_that_fails_leaves_the_old_file_alone(tmp_path: Path) -> None:
    kept = tmp_path / "kept.txt"
    kept.write_text("before")
    assert shell(f"{BNCALC} compare nothing.yaml --output {kept}").returncode == 2
    assert kept.read_text() == "before"


def test_a_place_that_cannot_be_written_to_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = shell(f"{BNCALC} compare resnet18 --output {tmp_path}/file/x")
    assert done.returncode == 2
    assert done.stderr == f"error: cannot write {tmp_path}/file/x: Not a directory\n"
