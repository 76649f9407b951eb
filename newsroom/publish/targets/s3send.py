"""A release on its way into a bucket: many files at once, and each phase looked at before the next."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from newsroom.files import digest
from newsroom.publish.headers import cache_control, content_type
from newsroom.publish.manifest import MANIFEST
from newsroom.publish.targets.base import Progress, PublishFailed
from newsroom.publish.targets.bucket import LARGE, Bucket, Stored
from newsroom.publish.targets.s3lock import Lock
from newsroom.publish.targets.s3plan import Plan

HEADERS = "headers"  # the manifest's own: which headers the release was sent with
_LARGE_AT_ONCE = 2
# A name of each kind of file. A list shows no headers: that those there are today's is known by what these kinds get.
_KINDS = (
    "index.html sitemap.xml a.atom.xml a.rss.xml robots.txt a.zip sw.js a.json a.webmanifest release.json "
    "a.css a.0123abcd.css a.0123abcd.js a.0123abcd.woff2 a.png images/0123456789abcdef.jpg images/0123456789abcdef.svg"
).split()


def headers_today() -> str:
    """A word for the headers that files are sent with: another one when they change."""
    return digest(msgspec.json.encode([(content_type(name), cache_control(name)) for name in _KINDS]))[:16]


@dataclass
class Sending:
    """What a plan still has to do; each step raises PublishFailed, and is not over before the host lists it as done."""

    bucket: Bucket
    lock: Lock
    folder: Path
    plan: Plan
    progress: Progress
    answers: dict[str, Stored] = field(default_factory=dict)  # what the host said that it has, by name
    removed: set[str] = field(default_factory=set)

    def put_files(self) -> None:
        for names in self.plan.phases:
            self._send(names)

    def put_proofs(self) -> None:
        for name in self.plan.proofs:
            self._send((name,))

    def remove(self) -> None:
        for names in self.plan.remove:
            left = names
            for _ in range(2):
                self._each(left, self._remove)
                left = tuple(sorted(set(left) & self.bucket.list().keys())) if left else ()
            if left:
                raise self._lied(f"that it removed {left[0]}", "still lists it")

    def _send(self, names: tuple[str, ...]) -> None:
        """What the host does not list as it was sent is sent once more."""
        wrong = names
        for _ in range(2):
            self._each([name for name in wrong if self._size(name) <= LARGE], self._put)
            self._each([name for name in wrong if self._size(name) > LARGE], self._put, _LARGE_AT_ONCE)
            there = self.bucket.list() if wrong else {}
            wrong = tuple(name for name in wrong if not self._is_there(name, there.get(name)))
        if wrong:
            raise self._lied(f"that it has {wrong[0]}", "does not list it as it was sent")

    def _is_there(self, name: str, listed: Stored | None) -> bool:
        answer, path = self.answers[name], self.folder / name
        if listed is None or (listed.size, listed.etag) != (answer.size, answer.etag):
            return False
        return self.bucket.has(listed, path) is not False

    async def _put(self, name: str) -> None:
        more = {HEADERS: headers_today()} if name == MANIFEST else {}
        self.answers[name] = await self.bucket.send(name, self.folder / name, more)
        self._tell()

    async def _remove(self, name: str) -> None:
        await self.bucket.remove(name)
        self.removed.add(name)
        self._tell()

    def _tell(self) -> None:
        done, steps = len(self.answers) + len(self.removed), self.plan.sent + self.plan.removed
        self.progress(f"publishing to {self.bucket.name}", done, steps)

    def _each(self, names: Iterable[str], work: Callable[[str], Awaitable[None]], at_once: int = 0) -> None:
        """Do the work for every name. The first failure ends what is under way; so does the loss of the lock."""
        waiting = iter(names)

        async def worker() -> None:
            for name in waiting:
                self.lock.check()
                await work(name)

        async def all_workers() -> None:
            await asyncio.gather(*(worker() for _ in range(at_once or self.bucket.pace.at_once)))

        asyncio.run(all_workers())

    def _size(self, name: str) -> int:
        return (self.folder / name).stat().st_size

    def _lied(self, said: str, listed: str) -> PublishFailed:
        remedy = "publish again, and ask the host if that does not help"
        return PublishFailed(f"{self.bucket.name}: the host said {said}, but {listed}; {remedy}")
