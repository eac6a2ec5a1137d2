"""Sweeps on a real cluster and as Parquet: `make check-cluster`, with both extras installed."""

import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bncalc.errors import UsageError
from bncalc.search.batches import executing, in_order
from bncalc.search.parts import SpaceParts
from bncalc.search.space import Space
from bncalc.search.space_opening import space_of
from bncalc.search.sweep import batch_of

pytestmark = pytest.mark.cluster

SPACE = """\
model: net.yaml
vary:
  width: {from: 8, to: 512}
  depth: {from: 1, to: 20}
"""
MODEL = """\
input: [3, 64, 64]
defaults: {norm: batch, act: relu}
vars: {width: 8, depth: 2}
layers:
  - conv: {out: 16, stride: 2}
  - {bottleneck: {mid: "=divisible(width, 8)", out: =width*4}, repeat: =depth, first: {stride: 2}}
  - global_avg_pool
  - linear: {out: 10}
"""


@pytest.fixture
def space(tmp_path: Path) -> Space:
    (tmp_path / "net.yaml").write_text(MODEL)
    (tmp_path / "space.yaml").write_text(SPACE)
    return replace(space_of(str(tmp_path / "space.yaml"))[0], sample=40_000, seed=7, batch=1_000)


@pytest.fixture
def cluster() -> Iterator[Any]:
    from distributed import LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        yield cluster


def written(space: Space, folder: Path, scheduler: str | None) -> tuple[list[bytes], int]:
    """Write all parts; return their bytes, and how many designs they were worked out from."""
    parts = SpaceParts(str(folder), "parquet", space)
    parts.prepare()
    with executing(1, scheduler) as (executor, hands):
        done = [*in_order(parts.work, range(space.batches), executor, hands)]
    contents = [parts.path(number).read_bytes() for number in range(space.batches)]
    return contents, sum(part.counted.drawn for part in done)


def test_a_cluster_that_loses_a_worker_writes_the_same_bytes_as_one_process(
    space: Space, cluster: Any, tmp_path: Path
) -> None:
    killed = []

    def kill() -> None:
        while len(list((tmp_path / "many").glob("*.parquet"))) < 3:
            time.sleep(0.01)
        worker = next(iter(cluster.workers.values()))
        os.kill(worker.process.pid, signal.SIGKILL)
        killed.append(len(list((tmp_path / "many").glob("*.parquet"))))

    (tmp_path / "many").mkdir()
    thread = threading.Thread(target=kill)
    thread.start()
    many, drawn = written(space, tmp_path / "many", cluster.scheduler_address)
    thread.join()
    assert killed[0] < space.batches  # in the middle
    assert drawn == 40_000
    one, _ = written(space, tmp_path / "one", None)
    assert many == one


def test_parquet_holds_the_numbers_and_what_they_are(space: Space, tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    parts = SpaceParts(str(tmp_path / "parts"), "parquet", space)
    parts.prepare()
    counted = parts.work(3).counted
    table = pq.read_table(parts.path(3))
    batch = batch_of(space, 3)
    assert table.column_names == [*("width", "depth", "params", "macs", "peak_activation_bytes")]
    assert table["macs"].to_pylist() == batch.amounts["macs"].tolist()
    about = json.loads(table.schema.metadata[b"bncalc"])
    assert (about["seed"], about["designs"], counted.wanted) == (7, 40_000, table.num_rows)


def test_no_scheduler_at_an_address_is_said(space: Space) -> None:
    with (
        pytest.raises(UsageError, match="no Dask scheduler answers"),
        executing(1, "tcp://127.0.0.1:1"),
    ):
        pass
