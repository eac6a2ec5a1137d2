"""Batches run anywhere: in this process, in others of this machine, or on a cluster.

An executor is asked for a few batches more than it works on, and no more: memory does not grow with
their number. The answers come in the order of their numbers, whatever order they are ready in.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from typing import TypeVar

from bncalc.errors import BncalcError, UsageError

BatchResult = TypeVar("BatchResult")
_WAITING = 2
"""Batches asked for beyond one for each worker."""


class Interrupted(BncalcError):
    """Workers went away in the middle; what they had written stays."""


def in_order(
    work: Callable[[int], BatchResult],
    numbers: Iterable[int],
    executor: Executor | None,
    workers: int,
) -> Iterator[BatchResult]:
    """Return what `work` makes of each number, in this process where there is no executor."""
    if executor is None:
        yield from map(work, numbers)
        return
    waiting: deque[Future[BatchResult]] = deque()
    for number in numbers:
        waiting.append(executor.submit(work, number))
        if len(waiting) >= workers + _WAITING:
            yield _result(waiting.popleft())
    while waiting:
        yield _result(waiting.popleft())


def _result(future: Future[BatchResult]) -> BatchResult:
    from concurrent.futures.process import BrokenProcessPool

    try:
        return future.result()
    except BrokenProcessPool:
        message = (
            "a worker process died (killed, or out of memory); run the same command again to "
            "continue"
        )
        raise Interrupted(message) from None


@contextmanager
def executing(workers: int, scheduler: str | None) -> Iterator[tuple[Executor | None, int]]:
    """Return an executor and how many work for it: none for one worker here.

    Raises UsageError where `scheduler` leads to no Dask cluster.
    """
    if scheduler is not None:
        with _cluster(scheduler) as client:
            yield client
    elif workers <= 1:
        yield None, 1
    else:
        from concurrent.futures import ProcessPoolExecutor
        from multiprocessing import get_context

        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            yield pool, workers


@contextmanager
def _cluster(address: str) -> Iterator[tuple[Executor, int]]:
    try:
        from distributed import Client
    except ModuleNotFoundError:
        raise UsageError("--scheduler needs Dask: pip install 'bncalc[cluster]'") from None
    try:
        client = Client(address, timeout="10s")
    except (OSError, ValueError, TimeoutError) as error:
        raise UsageError(f"--scheduler {address}: no Dask scheduler answers ({error})") from None
    with client:
        executor = client.get_executor(pure=False, retries=10)
        yield executor, max(1, sum(client.nthreads().values()))
