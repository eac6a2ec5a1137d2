"""The entry point: which commands there are, and how anything that goes wrong is said and counted.

Typer is imported within, so that all that happens from the first moment on is dealt with here.
"""

import gc
import os
import signal
import sys
from contextlib import suppress

from bncalc.cli.messages import complain
from bncalc.loading import patterns_on_use

WELCOME = """\
bncalc: what convolutional blocks and networks cost, worked out from shapes.

Three things to do first:
  bncalc block --cin 256 --mid 64        one block, its arithmetic written out
  bncalc show resnet50 --depth 1         a network, part by part
  bncalc compare resnet50 mobilenet_v2   designs side by side

bncalc list models     the shipped networks; your own is a few lines of YAML
bncalc --help          all commands; `bncalc COMMAND --help` is about one
"""


_COMMANDS = """
block compare show memory diff conventions plot report export verify fit sweep formula sensitivity
check budget list schema completion
"""
COMMANDS = {name: f"cli.{name}:{name}" for name in _COMMANDS.split()}
COMMANDS["list"] = "cli.listing:list_"


def main() -> None:
    """Run the command line; exit 0 when fine, 1 when a budget is broken, 2 for a wrong input."""
    gc.disable()  # a short life without cycles; collecting costs a twentieth of it
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # a reader that has seen enough is no error
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        sys.exit(_run(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        from bncalc.cli.mistakes import is_expected, lines_of

        if os.environ.get("BNCALC_DEBUG") and not is_expected(error):
            raise
        complain(*lines_of(error))
        sys.exit(2)
    finally:
        _let_go_of_output()
        gc.freeze()  # at its end the interpreter would look for cycles once more


def _let_go_of_output() -> None:
    """Drop what could not be written, or the interpreter fails on it once more when it ends."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    if "torch" in sys.modules and sys.stdout is sys.__stdout__:
        # What other people's code says while the interpreter ends is no answer either.
        with suppress(OSError):
            os.dup2(2, 1)


def _run(arguments: list[str]) -> int:
    if "_BNCALC_COMPLETE" in os.environ:
        # A shell waits for words, and has no use for a message.
        with suppress(Exception), patterns_on_use():
            from bncalc.cli.completion import answer

            sys.stdout.write(answer(os.environ, COMMANDS))
        return 0
    if not arguments:
        from bncalc.cli.answer import deliver

        deliver(WELCOME)
        return 0
    with patterns_on_use():  # of Typer and what it imports
        from bncalc.cli.program import program

    code = program(COMMANDS, arguments[0])(arguments, standalone_mode=False)
    return code if isinstance(code, int) else 0
