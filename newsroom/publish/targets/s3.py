"""Publishing to a bucket of S3 or of one of its like, which shows every file as soon as it comes.

Files go in the order of `manifest.phases`, each phase listed and compared before the next begins. What is about to be
sent or removed is written down in the bucket first (PENDING), so that the next release, whichever it is, knows what a
publisher that was killed may have left.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import msgspec

from newsroom.publish.manifest import MANIFEST, Manifest, decode, is_inside
from newsroom.publish.targets.base import Limits, Progress, PublishFailed, Release
from newsroom.publish.targets.bucket import Bucket, Found, Pace
from newsroom.publish.targets.s3address import read_address
from newsroom.publish.targets.s3lock import Lock
from newsroom.publish.targets.s3plan import PENDING, Plan, plan_release
from newsroom.publish.targets.s3send import HEADERS, Sending, headers_today

DELETES = 100  # files that may always be removed at once; else a quarter of them


class S3Target:
    """A bucket, or a folder of one, by its address. `deletes` is how many files may be removed at once where that is
    more than DELETES and more than a quarter; `now` only tells people when a lock was taken."""

    limits = Limits()

    def __init__(
        self, address: str, deletes: int | None = None, pace: Pace | None = None, now: Callable[[], float] = time.time
    ) -> None:
        self._bucket = Bucket(read_address(address), pace or Pace())
        self._deletes = _allowed(os.environ) if deletes is None else deletes
        self._now = now
        self._lock: Lock | None = None

    @property
    def name(self) -> str:
        return self._bucket.name

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Keep other publishers away, by an object that runs out when this process dies."""
        lock = Lock(self._bucket, self._now)
        try:
            lock.take()
            self._lock = lock
            yield
        finally:
            self._lock = None
            lock.give_back()

    def read(self, name: str) -> bytes | None:
        return _data(self._bucket.read(name))

    def put(self, release: Release, before: Manifest | None, progress: Progress) -> str:
        """Send the files that differ, phase after phase, and remove what earlier releases brought last."""
        if self._lock is None:
            raise RuntimeError("put is called while the lock is held")
        live = self._bucket.read(MANIFEST)
        self._refuse(before is not None and _decoded(live) != before)
        plan = self._plan(release, before, live)
        if plan:
            self._write_pending(plan)
            sending = Sending(self._bucket, self._lock, release.folder, plan, progress)
            sending.put_files()
            self._lock.renew()
            self._refuse(_data(self._bucket.read(MANIFEST)) != _data(live))
            sending.put_proofs()
            sending.remove()
            self._bucket.remove_now(PENDING)
        return f"{plan.sent} files sent, {plan.removed} removed, {plan.kept} were there already"

    def _refuse(self, other: bool) -> None:
        """Notice another publisher where the lock could not keep it away."""
        if other:
            raise PublishFailed(f"{self.name}: another publish put a release there meanwhile; publish again")

    def _plan(self, release: Release, before: Manifest | None, live: Found | None) -> Plan:
        """What is to be done. Raises PublishFailed where too much would be removed."""
        there = self._bucket.list()
        pending = self._pending() if PENDING in there else None
        alike = there if live is None or live.headers.get(HEADERS) == headers_today() else {}
        plan = plan_release(release, before, there, lambda name, path: self._bucket.has(alike.get(name), path), pending)
        files = max(len(release.manifest.files), len(before.files) if before else 0)
        if plan.removed > max(DELETES, files // 4, self._deletes):
            raise PublishFailed(
                f"{self.name}: {plan.removed} files would be removed, of {files}; if that is meant, publish with "
                f"NEWSROOM_DELETES={plan.removed} in the environment"
            )
        return plan

    def _pending(self) -> frozenset[str]:
        """What an earlier release was about to send or remove. Raises PublishFailed where that cannot be read."""
        try:
            names = msgspec.json.decode(self.read(PENDING) or b"[]", type=frozenset[str])
        except msgspec.MsgspecError:
            message = f"{self.name}: {PENDING} is not what a publisher wrote; remove it, and what should not be there"
            raise PublishFailed(message) from None
        return frozenset(filter(is_inside, names))

    def _write_pending(self, plan: Plan) -> None:
        data = msgspec.json.encode(sorted(plan.uncertain))
        for _ in range(2):
            self._bucket.write(PENDING, data)
            if self.read(PENDING) == data:
                return
        raise PublishFailed(f"{self.name}: the host did not keep {PENDING} as it was put; publish again")


def _data(found: Found | None) -> bytes | None:
    return found.data if found else None


def _decoded(found: Found | None) -> Manifest | None:
    try:
        return decode(found.data) if found else None
    except ValueError:
        return None


def _allowed(environment: Mapping[str, str]) -> int:
    """How many files may be removed at once, as the environment says. Raises PublishFailed where that is no number."""
    written = environment.get("NEWSROOM_DELETES") or "0"
    if not written.isascii() or not written.isdigit():
        raise PublishFailed(f"NEWSROOM_DELETES {written!r} is not a number of files; write one, or unset it")
    return int(written)
