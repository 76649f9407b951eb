"""Work at a Dask cluster, whose workers share no disk with this machine, but have the same version of this program.

Work is a pickled function and what it is done with. A client has threads, which would make it unsafe to copy this
process ever after, also once they have ended as far as one can see: it is asked in a process of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import multiprocessing
import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import CancelledError
from multiprocessing.connection import Connection
from typing import Any

from newsroom.build.fingerprints import program
from newsroom.build.processes import AHEAD, begin, refused, spread, uninterrupted
from newsroom.errors import BuildFailed

_PATIENCE = 10  # seconds to wait for an answer of a cluster
_SAME = "give it this newsroom, the libraries of requirements/build.txt and the same Python"
_WANTED, _DONE, _FAILED, _OVER = range(4)  # what the process that asks says: it wants work, has a result …


def ask_apart(address: str, work: Iterator[bytes]) -> Iterator[Any]:
    """The results of the work, in order, from a process that asks the cluster and ends with this one."""
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe()
    alive = os.pipe()
    process = context.Process(target=_ask_for, args=(address, there, alive), daemon=True)
    with uninterrupted():
        process.start()
    there.close()
    try:
        yield from _answers(here, work)
    except EOFError:
        raise refused("the process that asks the cluster was killed", "build again") from None
    finally:
        process.kill()
        process.join()
        here.close()
        for end in alive:
            os.close(end)


def _answers(asking: Connection, work: Iterator[bytes]) -> Iterator[Any]:
    while True:
        what, value = asking.recv()
        if what == _WANTED:
            asking.send(next(work, None))
        elif what == _DONE:
            yield value
        elif what == _FAILED:
            raise value
        else:
            return


def _ask_for(address: str, parent: Connection, alive: tuple[int, int]) -> None:
    """In a process of its own: have work done that the parent hands out when it is asked for some."""
    begin(*alive)

    def work() -> Iterator[bytes]:
        parent.send((_WANTED, None))
        while (each := parent.recv()) is not None:
            yield each
            parent.send((_WANTED, None))

    try:
        for result in ask(address, work()):
            parent.send((_DONE, result))
        parent.send((_OVER, None))
    except (Exception, BuildFailed) as error:
        with contextlib.suppress(OSError):  # nobody is left to hear it
            parent.send((_FAILED, error))


def ask(address: str, work: Iterator[bytes]) -> Iterator[Any]:
    """The results of the work, in order. Raises BuildFailed where the cluster is none, or breaks off."""
    try:
        distributed: Any = importlib.import_module("distributed")  # it has no types, and only clusters need it
    except ImportError:
        message = "NEWSROOM_CLUSTER is set, and dask.distributed is not installed"
        raise refused(message, "install requirements/cluster.txt into .venv, or unset it") from None
    try:
        asyncio.run(_knock(address, distributed.Security().get_connection_args("client")))
        client = distributed.Client(address, timeout=_PATIENCE, set_as_default=False)
    except (OSError, TimeoutError, ValueError, TypeError) as error:
        message = f"the cluster at {address!r} does not answer ({error})"
        raise refused(message, "start its scheduler, or unset NEWSROOM_CLUSTER") from None
    with client:
        count = sum(client.nthreads().values())
        if not count:
            raise refused(f"the cluster at {address!r} has no workers", "start one, or unset it")
        executor = client.get_executor(pure=False)  # its own context would wait for what nobody does any more
        try:
            for result in spread(executor, count * AHEAD, _carrier(program()), [], work, client.nthreads):
                if result is None:
                    raise refused("a worker of the cluster has another version of this program", _SAME)
                yield result
        except ImportError as error:
            raise refused(f"a worker of the cluster cannot run this program ({error})", _SAME) from None
        except (OSError, CancelledError, distributed.KilledWorker) as error:
            message = f"the cluster at {address!r} broke off ({type(error).__name__})"
            raise refused(message, "start it again, or unset NEWSROOM_CLUSTER") from None
        finally:
            executor.shutdown(wait=False)


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
