"""The lock of a bucket: an object that only one publisher can make, and that must be renewed to be worth something.

How old it is, the host's clock says: a publisher whose own clock is wrong takes no lock from a living one. A host that
knows no conditions (`If-None-Match`, `If-Match`) cannot keep two apart; that is tried before a lock is trusted.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable

import msgspec

from newsroom.publish.targets.base import PublishFailed
from newsroom.publish.targets.bucket import CREATE, Bucket, Found, Refused, Unconditional

LOCK = "release.lock.json"
CLOCK = "release.clock"  # an object whose time of change tells what time it is at the host
_NO_ETAG = f'"{0:032x}"'

logger = logging.getLogger(__name__)


class _Holder(msgspec.Struct):
    """What a lock says: whose it is, since when by their clock, for how many seconds."""

    owner: str
    time: int
    seconds: float
    renewed: int = 0  # how often: no two states of a lock have the same bytes


class Lock:
    """One publisher's hold of a bucket, kept by a thread until it is given back."""

    def __init__(self, bucket: Bucket, now: Callable[[], float]) -> None:
        self.trusted = True
        self._bucket, self._lease = bucket, bucket.pace.lease
        self._holder = _Holder(secrets.token_hex(8), int(now()), self._lease)
        self._until = 0.0  # until when, by a clock that nobody sets, no other publisher can take it
        self._lost = threading.Event()
        self._ended = threading.Event()
        self._one = threading.Lock()
        self._thread = threading.Thread(target=self._keep, daemon=True)

    def take(self) -> None:
        """Raises PublishFailed where another publisher has it."""
        found = self._bucket.read(LOCK)
        if found is not None:
            self._refuse_alive(found)
        try:
            self._write(found.stored.etag if found else CREATE)
            self.trusted = self._is_kept()
        except Unconditional:
            self.trusted = False
            self._write("")
        if not self.trusted:
            logger.warning(
                "%s: the host knows no conditional requests, so it cannot keep two publishers apart; let only one "
                "computer publish there",
                self._bucket.name,
            )
        self._thread.start()

    def check(self) -> None:
        """Raise PublishFailed unless this publisher has the lock, as far as it can tell without asking."""
        if self._lost.is_set() or _clock() > self._until:
            raise self._taken()

    def renew(self) -> None:
        """Ask, and have the whole lease again. Raises PublishFailed where another publisher has it."""
        with self._one:
            found = self._bucket.read(LOCK)
            if found is None or _holder(found).owner != self._holder.owner:
                self._lost.set()
                raise self._taken()
            self._holder.renewed += 1
            self._write(found.stored.etag if self.trusted else "")

    def give_back(self) -> None:
        """Let others publish at once. What cannot be given back runs out."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()
        try:
            self.renew()  # for the whole lease nobody else takes it: what is removed now is ours
            self._bucket.remove_now(LOCK)
        except PublishFailed as error:
            logger.debug("%s", error)

    def _refuse_alive(self, found: Found) -> None:
        seconds = _holder(found).seconds or self._lease
        self._bucket.write(CLOCK, b"")
        clock = self._bucket.read(CLOCK)
        age = clock.stored.modified - found.stored.modified if clock else 0.0
        self._bucket.remove_now(CLOCK)
        if age <= seconds:
            raise PublishFailed(
                f"{self._bucket.name}: another publish is at work there; wait until it ends, then publish again (one "
                f"that died is forgotten in {seconds - age:.0f} seconds)"
            )

    def _write(self, condition: str) -> None:
        """Put the lock; that it was put is also known from its bytes, where the answer was lost on its way."""
        began = _clock()
        data = msgspec.json.encode(self._holder)
        try:
            self._bucket.write(LOCK, data, condition)
        except Unconditional:
            raise
        except PublishFailed:
            found = self._bucket.read(LOCK)
            if found is None or found.data != data:
                raise
        self._until = began + self._lease

    def _is_kept(self) -> bool:
        """Whether the host refuses what it must refuse; else the same bytes are put there once more."""
        for condition in (CREATE, _NO_ETAG):
            try:
                self._bucket.write(LOCK, msgspec.json.encode(self._holder), condition)
            except Refused:
                continue
            return False
        return True

    def _keep(self) -> None:
        while not self._ended.wait(self._lease / 4) and not self._lost.is_set():
            try:
                self.renew()
            except PublishFailed as error:  # the next try, or the end of the lease, decides
                logger.debug("%s", error)

    def _taken(self) -> PublishFailed:
        message = "this publish was away so long that its lock went to another; publish again"
        return PublishFailed(f"{self._bucket.name}: {message}")


def _holder(found: Found) -> _Holder:
    try:
        return msgspec.json.decode(found.data, type=_Holder)
    except msgspec.MsgspecError:
        return _Holder("", 0, 0)


def _clock() -> float:
    """Seconds of a clock that nobody sets and that runs while the computer sleeps, where there is one."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()
