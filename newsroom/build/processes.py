"""What all worker processes have in common: how they begin and end, and how their results come back in order."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from typing import TypeVar

from newsroom.errors import BuildFailed, Problem

Work = TypeVar("Work")
Done = TypeVar("Done")
AHEAD = 3  # batches that wait at each worker
_OFTEN = 5  # seconds between two looks whether anybody is left to work


def refused(message: str, remedy: str) -> BuildFailed:
    """What keeps the work from being done, and what to do about it."""
    return BuildFailed([Problem("environment", 1, message, remedy)])


@contextlib.contextmanager
def uninterrupted() -> Iterator[None]:
    """Ctrl-C comes after this, and never to a process that begins here before it can ignore it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def begin(reading: int, writing: int) -> None:
    """A process of this kind begins: Ctrl-C is its parent's to handle, what is shared with the parent is not looked
    through, and it ends with the pipe that the parent holds open."""
    gc.enable()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.freeze()
    os.close(writing)
    threading.Thread(target=_end_with_parent, args=(reading,), daemon=True).start()


def _end_with_parent(reading: int) -> None:
    """A worker whose build was killed would wait for work for ever."""
    os.read(reading, 1)
    os._exit(1)


def spread(
    executor: Executor,
    ahead: int,
    function: Callable[[Work], Done],
    first: list[Work],
    rest: Iterator[Work],
    alive: Callable[[], object] = lambda: True,
) -> Iterator[Done]:
    """Results in order, with at most `ahead` batches under way, so that memory is bounded by workers. `alive` says
    whether anybody is left to do them."""
    waiting: deque[Future[Done]] = deque(executor.submit(function, each) for each in first)
    try:
        for each in rest:
            waiting.append(executor.submit(function, each))
            if len(waiting) >= ahead:
                yield _result(waiting.popleft(), alive)
        while waiting:
            yield _result(waiting.popleft(), alive)
    finally:
        for future in waiting:
            future.cancel()


def _result(future: Future[Done], alive: Callable[[], object]) -> Done:
    while not future.done():
        with contextlib.suppress(TimeoutError):
            return future.result(timeout=_OFTEN)
        if not alive():
            raise refused("the cluster lost all its workers", "start one, or unset NEWSROOM_CLUSTER")
    return future.result()
