"""bncalc's command line as the playground calls it: words in; exit code, answer and errors out."""

import gc
import io
import json
import os
import sys
from pathlib import Path

from bncalc.cli.main import main


class Stream(io.TextIOWrapper):
    """A stream that keeps what is written, as UTF-8 like the program's own."""

    def __init__(self) -> None:
        self.kept = io.BytesIO()
        super().__init__(self.kept, encoding="utf-8", write_through=True)


def write(name: str, text: str) -> None:
    """Write the text of the editor, which commands read as a file."""
    Path(name).write_text(text, encoding="utf-8")


def run(words: str, columns: int) -> str:
    """Run `bncalc WORDS`, words as JSON; return the exit code, the answer and errors as JSON."""
    os.environ["COLUMNS"] = str(columns)
    streams = sys.argv, sys.stdout, sys.stderr
    out, err = Stream(), Stream()
    code: object = 0
    sys.argv, sys.stdout, sys.stderr = ["bncalc", *json.loads(words)], out, err
    try:
        main()
    except SystemExit as left:
        code = left.code
    finally:
        sys.argv, sys.stdout, sys.stderr = streams
        gc.unfreeze()
        gc.enable()
    answer, errors = (stream.kept.getvalue().decode() for stream in (out, err))
    return json.dumps({"code": code or 0, "answer": answer, "errors": errors})


def picture(words: str) -> str:
    """Run `bncalc plot WORDS` and return the SVG, or nothing if it cannot be drawn."""
    path = Path("picture.svg")
    path.unlink(missing_ok=True)
    run(json.dumps(["plot", *json.loads(words), "-o", str(path)]), 100)
    return path.read_text(encoding="utf-8") if path.exists() else ""
