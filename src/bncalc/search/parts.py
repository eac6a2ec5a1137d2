"""Part files: each batch writes its designs aside and renames the file, so that a part is whole.

A run that was stopped goes on where it was: parts that are there are not worked out again, if they
were written for the same space. A part has its designs and a summary beside them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bncalc._version import __version__
from bncalc.analysis.metric import METRICS, by_key
from bncalc.disk import write_whole
from bncalc.errors import UsageError
from bncalc.named import NamedTuple
from bncalc.search.column import Array
from bncalc.search.evaluation import Refusal
from bncalc.search.space import Space
from bncalc.search.sweep import Batch, Counted, batch_of

PART_FORMATS = ("parquet", "csv")


class PartSummary(NamedTuple):
    """What became of the designs of a part, and what their numbers leave out."""

    counted: Counted
    refusals: tuple[Refusal, ...]
    gaps: tuple[str, ...]


class SpaceParts(NamedTuple):
    """Where the parts of a space are, and as what."""

    folder: str
    format: str
    space: Space

    def path(self, number: int) -> Path:
        """Return the file of a batch."""
        return Path(self.folder) / f"part-{number:06d}.{self.format}"

    def prepare(self) -> None:
        """Make the folder, and write there what it is for; refuse one that is for another space."""
        text = json.dumps(description(self.space), indent=2) + "\n"
        about = Path(self.folder) / "space.json"
        try:
            about.parent.mkdir(parents=True, exist_ok=True)
            if about.exists():
                if about.read_text("utf-8") != text:
                    raise UsageError(f"{self.folder} holds the parts of another space, see {about}")
            else:
                write_whole(str(about), text.encode())
        except OSError as error:
            raise UsageError(f"cannot write {about}: {error.strerror}") from None

    def work(self, number: int) -> PartSummary:
        """Work a batch out and write it, unless its part is there; return its summary."""
        summary = self.path(number).with_suffix(".json")
        if summary.exists() and self.path(number).exists():
            return _read_summary(summary)
        batch = batch_of(self.space, number)
        write_whole(str(self.path(number)), _written(batch, self.space, self.format))
        write_whole(str(summary), _summary(batch))
        return PartSummary(batch.counted, batch.refusals, batch.gaps)


def description(space: Space) -> dict[str, Any]:
    """Return what a space is, as data: the same for the same designs, whatever machine it is on.

    Its `id` is short and follows from everything else.
    """
    stated = {
        "version": __version__,
        "model": space.model,
        "files": {
            name: hashlib.sha256(content).hexdigest() for name, content in space.files.items()
        },
        "vary": {axis.name: axis.written for axis in space.axes},
        "set": {rule.name: rule.expression.text for rule in space.rules},
        "where": [condition.expression.text for condition in space.conditions],
        "limits": [str(limit) for limit in space.limits],
        "metrics": [METRICS[word].key for word in space.measured],
        "designs": space.count,
        "drawn": "grid" if space.sample is None else "at random",
        "seed": space.seed,
        "batch": space.batch,
        "policy": space.assumptions.memory_policy.name,
        "images": space.assumptions.batch,
        "dtype": space.assumptions.dtype,
        "activation_dtype": space.assumptions.activation_dtype,
        "fold_norm": space.assumptions.fold_norm,
    }
    text = json.dumps(stated, ensure_ascii=False, sort_keys=True)
    return {"id": hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:12], **stated}


def _summary(batch: Batch) -> bytes:
    refusals = [refusal._asdict() for refusal in batch.refusals]
    summary = {"counted": batch.counted, "refusals": refusals, "remarks": batch.gaps}
    return json.dumps(summary).encode()


def _read_summary(path: Path) -> PartSummary:
    summary = json.loads(path.read_text("utf-8"))
    refusals = tuple([Refusal(**refusal) for refusal in summary["refusals"]])
    return PartSummary(Counted(*summary["counted"]), refusals, tuple(summary["remarks"]))


def _written(batch: Batch, space: Space, format: str) -> bytes:
    columns = {**batch.values, **by_key(batch.amounts)}
    return parquet(columns, space) if format == "parquet" else comma_separated(columns, space)


def comma_separated(columns: Mapping[str, Array], space: Space) -> bytes:
    """Return columns as CSV; the last say in each line where it is from.

    There the space is its `id` alone, which `space.json` beside the parts explains.
    """
    import csv
    import io

    about = description(space)
    same = {"space": about["id"], "seed": about["seed"], "version": about["version"]}
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*columns, *same])
    for row in zip(*[column.tolist() for column in columns.values()], strict=True):
        writer.writerow([*row, *same.values()])
    return out.getvalue().encode()


def parquet(columns: Mapping[str, Array], space: Space) -> bytes:
    """Return columns as Parquet, with what they are; raise UsageError where pyarrow is missing."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ModuleNotFoundError:
        message = "Parquet needs pyarrow: pip install 'bncalc[parquet]', or take csv"
        raise UsageError(message) from None
    arrays = {name: _arrow(pa, column) for name, column in columns.items()}
    about = {"bncalc": json.dumps(description(space))}
    table = pa.table(arrays).replace_schema_metadata(about)
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    content: bytes = sink.getvalue().to_pybytes()
    return content


def _arrow(pa: Any, column: Array) -> Any:
    """Return a column; of values that are not numbers as text, of numbers beyond 63 bits too."""
    if column.dtype.kind != "O":
        return pa.array(column)
    return pa.array([None if value is None else str(value) for value in column.tolist()])
