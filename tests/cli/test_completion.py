"""Shells complete calls: what is offered, and that a real bash offers it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.program import ROOT, run
from tests.rows import each_of

from bncalc.cli.completion import Shell
from bncalc.cli.main import COMMANDS
from bncalc.model.registry import BLOCKS


def offered(line: str, shell: str = "zsh") -> list[str]:
    done = run(_BNCALC_COMPLETE=shell, COMP_LINE=line, COMP_WORDBREAKS=" =:@")
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


@each_of(
    [
        ("bncalc ", [*COMMANDS, "--version", "--help"]),
        ("bncalc sh", ["show"]),
        ("bncalc show resnet1", ["resnet101", "resnet152", "resnet18"]),
        ("bncalc compare resnet18 vgg11", ["vgg11", "vgg11_bn"]),
        ("bncalc show --depth 1 mobilenet_v2", ["mobilenet_v2"]),
        ("bncalc show mobilenet_v2 --col", ["--columns"]),
        ("bncalc show mobilenet_v2 --columns par", ["params"]),
        ("bncalc show mobilenet_v2 --columns params,ma", ["params,macs"]),
        ("bncalc show resnet18 --sort intens", ["intensity"]),
        ("bncalc show resnet18 --as ptf", ["ptflops", "ptflops-aten"]),
        ("bncalc show resnet18 --dtype float1", ["float16"]),
        ("bncalc compare resnet18 --device rp2", ["rp2040", "rp2350"]),
        ("bncalc show resnet18 --device a", ["a100"]),
        ("bncalc memory resnet18 --device a", ["arduino_nano_33_ble"]),
        ("bncalc plot time resnet18 --device r", ["ryzen_7840u", "raspberry_pi_5"]),
        ("bncalc plot arena resnet18 --device r", ["rp2040", "rp2350"]),
        ("bncalc plot bars --device rp", ["rp2040", "rp2350"]),
        ("bncalc show resnet18 --format j", ["json"]),
        ("bncalc check --format j", ["json", "junit"]),
        ("bncalc check --max mac", ["macs="]),
        ("bncalc diff a b --by ele", ["elementwise"]),
        ("bncalc block ", [*BLOCKS]),
        ("bncalc block fire --squ", ["--squeeze"]),
        ("bncalc block --mi", ["--mid"]),
        ("bncalc list mo", ["models"]),
        ("bncalc show resnet18 --set wid", []),
        ("bncalc show bott", ["bottleneck@"]),
        ("bncalc formula bott", ["bottleneck"]),
        ("bncalc show mobilenet_v2@wid", ["mobilenet_v2@width="]),
        ("bncalc show mobilenet_v2@width=2@wid", []),
        ("bncalc show bottleneck@256,56,56@mi", ["bottleneck@256,56,56@mid="]),
        ("bncalc diff configs/resnet256.yaml resnet18@cl", ["resnet18@classes="]),
        ("bncalc show nothing@wid", []),
        ("bncalc show -@wid", []),
        ("bncalc show x.onnx@wid", []),
        ("bncalc nonsense ", []),
        ("bncalc show 'resnet1", []),
    ]
)
def test_what_is_offered(line: str, words: list[str]) -> None:
    assert offered(line) == words


def test_models_are_files_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "nets").mkdir()
    for name in ("a.yaml", "b.onnx", "c.txt", ".hidden.yaml", "d\n.yaml"):
        (tmp_path / "nets" / name).write_text("")
    assert offered("bncalc show ne") == ["nets/"]
    assert sorted(offered("bncalc show nets/")) == ["nets/a.yaml", "nets/b.onnx"]
    assert offered("bncalc show none/") == []


def test_bash_is_not_told_again_what_it_has_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a:b.yaml").write_text("")
    monkeypatch.chdir(tmp_path)
    assert offered("bncalc show a:", "zsh") == ["a:b.yaml"]
    assert offered("bncalc show a:", "bash") == ["b.yaml"]
    assert offered("bncalc show mobilenet_v2@wid", "bash") == ["@width="]
    assert offered("bncalc show mobilenet_v2@width=2@cl", "bash") == ["@classes="]


TRY = """
source <(bncalc completion bash)
complete -p bncalc
for COMP_LINE in 'bncalc sho' 'bncalc block fus' 'bncalc show x --columns macs,buff'; do
    COMP_POINT=${#COMP_LINE}
    _bncalc bncalc 2>/dev/null
    echo "${COMPREPLY[@]}"
done
"""


def test_a_real_bash_completes() -> None:
    bash = shutil.which("bash")
    assert bash
    done = subprocess.run(
        [bash, "--norc", "-c", TRY],
        env={"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "HOME": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.splitlines() == [
        "complete -o default -F _bncalc bncalc",
        "show",
        "fused_inverted_residual",
        "macs,buffers",
    ], done.stderr


TYPED = """\
source ./script
bncalc() { if [[ $_BNCALC_COMPLETE ]]; then command bncalc; else echo "got $*"; exit; fi; }
bncalc show mobilenet_v2@wi\t0.5@cl\t10
"""


def test_tab_at_the_prompt_of_bash_keeps_what_was_typed(tmp_path: Path) -> None:
    """Readline has rules of its own on where a word begins: an `@` is a part of it."""
    import pty

    (tmp_path / "script").write_text(run("completion", "bash").stdout)
    keyboard, terminal = pty.openpty()
    os.write(keyboard, TYPED.encode())
    done = subprocess.run(
        ["bash", "--norc", "--noprofile", "-i"],
        stdin=terminal,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=tmp_path,
        env={"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "TERM": "dumb"},
        start_new_session=True,
        timeout=60,
        check=False,
    )
    os.close(keyboard)
    os.close(terminal)
    assert b"got show mobilenet_v2@width=0.5@classes=10\n" in done.stdout


@pytest.mark.skipif(not shutil.which("fish"), reason="fish is not on this machine")
def test_fish_offers_files_only_where_bncalc_offers_nothing(tmp_path: Path) -> None:
    (tmp_path / "net.txt").write_text("")
    asked = ("bncalc export --to ", "bncalc export resnet18 -o n")
    calls = "".join(f"complete -C'{line}';" for line in asked)
    done = subprocess.run(
        ["fish", "--no-config", "-c", f"bncalc completion fish | source; {calls}"],
        cwd=tmp_path,
        env={
            "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
            "HOME": str(tmp_path),
            "LANG": "C.UTF-8",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.splitlines() == ["onnx", "pytorch", "yaml", "net.txt"], done.stderr


@pytest.mark.parametrize("shell", Shell)
def test_every_script_is_one_that_its_shell_can_read(shell: str) -> None:
    script = run("completion", shell).stdout
    assert "_BNCALC_COMPLETE" in script
    program = shutil.which(shell)
    if program:  # zsh and fish are not on every machine
        subprocess.run([program, "-n", "/dev/stdin"], input=script, text=True, check=True)
