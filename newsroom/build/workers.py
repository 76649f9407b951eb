"""Workers: where work that shares nothing is done. Processes of this machine, a Dask cluster, or this process.

`NEWSROOM_WORKERS` sets how many processes (the number of cores if not set), `NEWSROOM_CLUSTER` the address of a
Dask scheduler, such as `tcp://127.0.0.1:8786`, whose workers read the sources.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import chain
from typing import Any

from newsroom.build import cluster
from newsroom.build.processes import AHEAD, Done, Work, begin, refused, spread, uninterrupted


class Workers:
    """Runs a function over batches, in order. `count` processes, or none where forking is not safe; `address` is that
    of a cluster, or ""."""

    def __init__(self, count: int, address: str = "") -> None:
        self.count = count
        self._address = address

    def run(self, function: Callable[[Work], Done], batches: Iterable[Work]) -> Iterator[Done]:
        """Each batch's result. What `function` and the batches hold travels by pickle; no disk need be shared."""
        if not self._address:
            return self.near(function, batches)
        return self._far(pickle.dumps((function, batch)) for batch in batches)

    def _far(self, work: Iterator[bytes]) -> Iterator[Any]:
        if first := list(_take(work, 1)):  # else nobody need be asked
            ask = cluster.ask_apart if may_fork() else cluster.ask
            yield from ask(self._address, chain(first, work))

    def near(self, function: Callable[[Work], Done], batches: Iterable[Work]) -> Iterator[Done]:
        """The same in processes of this machine, which see everything as it was when they began, and inherit the
        function with whatever it holds."""
        iterator = iter(batches)
        first = list(_take(iterator, 2))
        if len(first) < 2 or self.count < 2 or not may_fork():
            yield from map(function, first)
            yield from map(function, iterator)
            return
        context = multiprocessing.get_context("fork")  # cheap, and nothing has to be imported again
        alive = os.pipe()  # a worker reads its end when the build ends, however that ends
        try:
            with ProcessPoolExecutor(self.count, context, initializer=_begin, initargs=(*alive, function)) as executor:
                with uninterrupted():
                    executor.submit(int)  # all processes begin
                yield from spread(executor, self.count * AHEAD, _inherited, [*first], iterator)
        except BrokenProcessPool:
            message = "a worker process was killed, by hand or for want of memory"
            raise refused(message, "build again, with NEWSROOM_WORKERS=1 where memory is short") from None
        finally:
            for end in alive:
                os.close(end)


def make_workers(environment: Mapping[str, str]) -> Workers:
    """Workers as the environment says. Raises BuildFailed where it says nonsense."""
    written = environment.get("NEWSROOM_WORKERS", "")
    if written and not (written.isascii() and written.isdecimal() and len(written) < 5 and 0 < int(written) <= 1024):
        raise refused(f"NEWSROOM_WORKERS {written!r} is not a number from 1", "write one, or unset it")
    count = int(written) if written else len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1
    return Workers(count, environment.get("NEWSROOM_CLUSTER", ""))


def may_fork() -> bool:
    """Whether this process can be copied safely: another thread, such as that of Pelican's spinner, may hold a lock."""
    return os.name == "posix" and threading.active_count() == 1


_function: list[Callable[[Any], Any]] = []  # what a worker process does with every batch


def _begin(reading: int, writing: int, function: Callable[[Any], Any]) -> None:
    _function[:] = [function]
    begin(reading, writing)


def _inherited(batch: Any) -> Any:
    return _function[0](batch)


def _take(iterator: Iterator[Work], count: int) -> Iterator[Work]:
    for _, each in zip(range(count), iterator, strict=False):
        yield each
