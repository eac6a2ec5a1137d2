"""bncalc's command line as the playground calls it: words in; what it said and wrote out."""

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
    """Run `bncalc WORDS`, words as JSON; return the exit code, the answer, errors and files."""
    os.environ["COLUMNS"] = str(columns)
    before = set(Path().iterdir())
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
    made = [taken(path) for path in sorted(set(Path().iterdir()) - before) if path.is_file()]
    return json.dumps({"code": code or 0, "answer": answer, "errors": errors, "files": made})


def taken(path: Path) -> dict[str, str]:
    """Return a file that a command has written, and remove it: the page shows it."""
    text = path.read_text(encoding="utf-8", errors="replace")
    path.unlink()
    return {"name": path.name, "text": text}


def picture(words: str) -> str:
    """Run `bncalc plot WORDS` and return the SVG, or nothing if it cannot be drawn."""
    done = json.loads(run(json.dumps(["plot", *json.loads(words), "-o", "picture.svg"]), 100))
    return done["files"][0]["text"] if done["files"] else ""
