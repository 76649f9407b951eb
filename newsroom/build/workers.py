"""Workers: where work that shares nothing is done. Processes of this machine, a Dask cluster, or this process.

`NEWSROOM_WORKERS` sets how many processes (the number of cores if not set), `NEWSROOM_CLUSTER` the address of a
Dask scheduler, such as `tcp://127.0.0.1:8786`, whose workers read the sources.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import importlib
import multiprocessing
import os
import pickle
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import CancelledError, Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any, TypeVar

from newsroom.build.fingerprints import program
from newsroom.errors import BuildFailed, Problem

Work = TypeVar("Work")
Done = TypeVar("Done")
_AHEAD = 3  # batches that wait at each worker
_PATIENCE, _OFTEN = 10, 5  # seconds to wait for an answer of a cluster; seconds between two looks for its workers


class Workers:
    """Runs a function over batches, in order. `count` processes, or none where forking is not safe."""

    def __init__(self, count: int, cluster: str = "") -> None:
        self.count = count
        self._cluster = cluster

    def run(self, function: Callable[[Work], Done], batches: Iterable[Work]) -> Iterator[Done]:
        """Each batch's result. What `function` and the batches hold travels by pickle; no disk need be shared."""
        if self._cluster:
            return self._far(function, batches)
        return self.near(function, batches)

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
                with _uninterrupted():
                    executor.submit(int)  # all processes begin
                yield from _spread(executor, self.count * _AHEAD, _inherited, [*first], iterator)
        except BrokenProcessPool:
            message = "a worker process was killed, by hand or for want of memory"
            raise _refused(message, "build again, with NEWSROOM_WORKERS=1 where memory is short") from None
        finally:
            for end in alive:
                os.close(end)

    def _far(self, function: Callable[[Work], Done], batches: Iterable[Work]) -> Iterator[Done]:
        try:
            distributed: Any = importlib.import_module("distributed")  # it has no types, and only clusters need it
        except ImportError:
            message = "NEWSROOM_CLUSTER is set, and dask.distributed is not installed"
            raise _refused(message, "install requirements/cluster.txt into .venv, or unset it") from None
        try:
            asyncio.run(_knock(self._cluster, distributed.Security().get_connection_args("client")))
            client = distributed.Client(self._cluster, timeout=_PATIENCE, set_as_default=False)
        except (OSError, TimeoutError, ValueError, TypeError) as error:
            message = f"the cluster at {self._cluster!r} does not answer ({error})"
            raise _refused(message, "start its scheduler, or unset NEWSROOM_CLUSTER") from None
        with client:
            count = sum(client.nthreads().values())
            if not count:
                raise _refused(f"the cluster at {self._cluster!r} has no workers", "start one, or unset it")
            executor = client.get_executor(pure=False)  # its own context would wait for what nobody does any more
            try:
                work = (pickle.dumps((function, batch)) for batch in batches)
                for result in _spread(executor, count * _AHEAD, _carrier(program()), [], work, client.nthreads):
                    if result is None:
                        raise _refused("a worker of the cluster has another version of this program", _SAME)
                    yield result
            except ImportError as error:
                raise _refused(f"a worker of the cluster cannot run this program ({error})", _SAME) from None
            except (OSError, CancelledError, distributed.KilledWorker) as error:
                message = f"the cluster at {self._cluster!r} broke off ({type(error).__name__})"
                raise _refused(message, "start it again, or unset NEWSROOM_CLUSTER") from None
            finally:
                executor.shutdown(wait=False)


_SAME = "give it this newsroom, the libraries of requirements/build.txt and the same Python"


async def _knock(address: str, security: Mapping[str, Any]) -> None:
    """Raise OSError, TimeoutError or ValueError where no scheduler answers: a client would wait for ever for some
    ports, and fail noisily."""
    comm: Any = importlib.import_module("distributed.comm")
    (await asyncio.wait_for(comm.connect(address, timeout=_PATIENCE, **security), _PATIENCE)).abort()


def _carrier(wanted: bytes) -> Callable[[bytes], Any]:
    """What does the work at a worker of a cluster; None from one whose program is not ours, for its rows would be
    kept as if they were. A function in a function travels by value: the scheduler needs no newsroom, and a worker
    that has none fails as any work does."""

    def carry(work: bytes) -> Any:
        import pickle

        from newsroom.build.fingerprints import program

        if program() != wanted:
            return None
        function, batch = pickle.loads(work)  # noqa: S301 - whatever a cluster carries is pickled
        return function(batch)

    return carry


def make_workers(environment: Mapping[str, str]) -> Workers:
    """Workers as the environment says. Raises BuildFailed where it says nonsense."""
    written = environment.get("NEWSROOM_WORKERS", "")
    if written and not (written.isascii() and written.isdecimal() and len(written) < 5 and 0 < int(written) <= 1024):
        raise _refused(f"NEWSROOM_WORKERS {written!r} is not a number from 1", "write one, or unset it")
    count = int(written) if written else len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1
    return Workers(count, environment.get("NEWSROOM_CLUSTER", ""))


def may_fork() -> bool:
    """Whether this process can be copied safely: another thread, such as that of Pelican's spinner, may hold a lock."""
    return os.name == "posix" and threading.active_count() == 1


def _refused(message: str, remedy: str) -> BuildFailed:
    return BuildFailed([Problem("environment", 1, message, remedy)])


_function: list[Callable[[Any], Any]] = []  # what a worker process does with every batch


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    """Ctrl-C comes after this, and never to a process that begins here before it can ignore it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin(reading: int, writing: int, function: Callable[[Any], Any]) -> None:
    """A worker begins: Ctrl-C is its parent's to handle, and what is shared with the parent is not looked through."""
    _function[:] = [function]
    gc.enable()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.freeze()
    os.close(writing)
    threading.Thread(target=_end_with_parent, args=(reading,), daemon=True).start()


def _inherited(batch: Any) -> Any:
    return _function[0](batch)


def _end_with_parent(reading: int) -> None:
    """A worker whose build was killed would wait for work for ever."""
    os.read(reading, 1)
    os._exit(1)


def _take(iterator: Iterator[Work], count: int) -> Iterator[Work]:
    for _, each in zip(range(count), iterator, strict=False):
        yield each


def _spread(
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
            raise _refused("the cluster lost all its workers", "start one, or unset NEWSROOM_CLUSTER")
    return future.result()
