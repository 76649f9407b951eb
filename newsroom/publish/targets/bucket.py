"""A bucket of S3 or of one of its like, through obstore: objects by their names, and errors as sentences."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import obstore
from obstore.exceptions import (
    AlreadyExistsError,
    BaseError,
    PermissionDeniedError,
    PreconditionError,
    UnauthenticatedError,
)
from obstore.store import S3Store

from newsroom.publish.headers import cache_control, content_type
from newsroom.publish.targets.base import PublishFailed
from newsroom.publish.targets.s3address import Address, keys

if TYPE_CHECKING:
    from obstore import ObjectMeta, PutMode
    from obstore.store import S3Config

LARGE = 1_000_000  # bytes from which a file is sent with more patience, and beside few others
_PART = 8_000_000  # bytes from which a file is sent in parts
CREATE: Literal["create"] = "create"  # the condition that no object of this name is there


class Refused(PublishFailed):
    """A condition that does not hold: the object is there, or is another one."""


class Unconditional(PublishFailed):
    """A request that the host does not understand: perhaps for its condition."""


class Silent(PublishFailed):
    """No answer in time: the request may have been done, or not."""


@dataclass(frozen=True)
class Pace:
    """How patient a publisher is with a host. Times are seconds."""

    deadline: float = 60  # of a request; ten times that where a large file is sent
    retries: int = 5  # of a request that the host failed to answer: 5xx, 408, 429, a lost connection, a time-out
    backoff: float = 0.2  # before the first of them; doubled each time, with jitter
    at_once: int = 16  # files under way
    lease: float = 120  # after which the lock of a publisher that died is worth nothing


class Stored(NamedTuple):
    """An object as the host lists it; `modified` is its time of change by the host's clock, in seconds since 1970."""

    size: int
    etag: str
    modified: float


class Found(NamedTuple):
    """An object that was read; `headers` is what it was sent with."""

    data: bytes
    stored: Stored
    headers: dict[str, str]


class Bucket:
    """The objects below an address. Everything raises PublishFailed where the host does not do it."""

    def __init__(self, address: Address, pace: Pace) -> None:
        self.name = str(address)
        self.pace = pace
        self.hashes = False  # whether the host's ETags are MD5 sums, as far as was seen
        self._address = address
        self._store = cache(self._new_store)

    def read(self, name: str) -> Found | None:
        """An object; None where there is none."""
        with self._telling(f"{name} could not be read"):
            try:
                got = obstore.get(self._store(1), name)
                return Found(bytes(got.bytes()), _stored(got.meta), dict(got.attributes))
            except FileNotFoundError as error:
                if "NoSuchBucket" in str(error):
                    raise
                return None

    def list(self) -> dict[str, Stored]:
        """All objects."""
        with self._telling("its files could not be listed"):
            found = obstore.list(self._store(1), chunk_size=1000)
            return {each["path"]: _stored(each) for chunk in found for each in chunk}

    def has(self, stored: Stored | None, path: Path) -> bool | None:
        """Whether an object has the bytes of a file; None where it has as many, and its ETag is no MD5 sum."""
        if stored is None or stored.size != path.stat().st_size:
            return False
        if not self.hashes or "-" in stored.etag:  # parts have sums of their own, encrypted objects any
            return None
        with path.open("rb") as file:
            return stored.etag.strip('"') == hashlib.file_digest(file, _md5).hexdigest()

    def write(self, name: str, data: bytes, condition: str = "") -> Stored:
        """Put a small object that nobody may keep: unconditionally, if there is none (CREATE), or if the one there has
        the ETag that `condition` is."""
        mode: PutMode = CREATE if condition == CREATE else {"e_tag": condition} if condition else "overwrite"
        headers = {"Content-Type": content_type(name), "Cache-Control": "no-store"}
        with self._telling(f"{name} could not be put"):
            put = obstore.put(self._store(1), name, data, attributes=headers, mode=mode, use_multipart=False)
        etag = put["e_tag"] or ""
        self.hashes = etag.strip('"') == _md5(data).hexdigest()
        return Stored(len(data), etag, 0)

    async def send(self, name: str, path: Path, more: dict[str, str]) -> Stored:
        """Put a file with the headers that its name asks for, and `more`."""
        headers = {"Content-Type": content_type(name), "Cache-Control": cache_control(name), **more}
        try:
            size = path.stat().st_size
            file = path if size > _PART else path.read_bytes()
        except OSError as error:
            message = f"{path} could not be read ({error.strerror}); publish again"
            raise PublishFailed(message) from error
        with self._telling(f"{name} could not be sent"):
            store = self._store(10 if size > LARGE else 1)
            put = await obstore.put_async(
                store, name, file, attributes=headers, use_multipart=size > _PART, chunk_size=_PART, max_concurrency=2
            )
        return Stored(size, put["e_tag"] or "", 0)

    async def remove(self, name: str) -> None:
        """Delete an object; that there is none is as good."""
        try:
            await self._remove(name)
        except Silent:  # after which obstore repeats a PUT or a GET, and no DELETE
            await self._remove(name)

    async def _remove(self, name: str) -> None:
        with self._telling(f"{name} could not be removed"):
            try:
                await obstore.delete_async(self._store(1), name)
            except FileNotFoundError as error:
                if "NoSuchBucket" in str(error):
                    raise

    def remove_now(self, name: str) -> None:
        """The same; has done it, or fails, within half a lease."""
        with self._telling(f"{name} could not be removed"):
            obstore.delete(self._store(self.pace.lease / 8 / self.pace.deadline), name)

    def _new_store(self, patience: float) -> S3Store:
        pace, address = self.pace, self._address
        config: S3Config = {**keys(self.name), "disable_bulk_delete": True}
        if address.endpoint:
            config["endpoint"] = address.endpoint
        if address.region:
            config["region"] = address.region
        return S3Store(
            address.bucket,
            prefix=address.prefix or None,
            config=config,
            client_options={
                "allow_http": address.endpoint.startswith("http://"),
                "timeout": timedelta(seconds=pace.deadline * patience),
            },
            retry_config={
                "max_retries": pace.retries,
                "retry_timeout": timedelta(seconds=pace.deadline * patience * 3),
                "backoff": {
                    "init_backoff": timedelta(seconds=pace.backoff),
                    "max_backoff": timedelta(seconds=pace.backoff * 50),
                    "base": 2,
                },
            },
        )

    @contextmanager
    def _telling(self, what: str) -> Iterator[None]:
        """Raise what obstore raises as a sentence."""
        try:
            yield
        except (BaseError, FileNotFoundError, ValueError) as error:
            kind, remedy = _kind(error)
            raise kind(f"{self.name}: {what} ({_reason(str(error))}); {remedy}") from error


def _md5(data: bytes = b"") -> hashlib._Hash:
    return hashlib.md5(data, usedforsecurity=False)


def _stored(meta: ObjectMeta) -> Stored:
    return Stored(meta["size"], meta["e_tag"] or "", meta["last_modified"].timestamp())


def _kind(error: Exception) -> tuple[type[PublishFailed], str]:
    """As what an error is raised, and what to do."""
    if isinstance(error, (AlreadyExistsError, PreconditionError)):
        return Refused, "another publish was quicker; wait until it ends, then publish again"
    if isinstance(error, (PermissionDeniedError, UnauthenticatedError)) or " 403 " in str(error):
        return PublishFailed, "allow that to the key in use, and publish again"
    if "NoSuchBucket" in str(error):
        return PublishFailed, "make the bucket, or correct publish_to"
    if re.search(r": (400|501) ", str(error)):
        return Unconditional, "publish again, or to another host"
    return Silent if "TimedOut" in str(error) else PublishFailed, "publish again"


def _reason(said: str) -> str:
    """The few words of obstore's long error that tell why."""
    code = re.search(r"<Code>(\w+)</Code>", said)
    if status := re.search(r"status code: (\d+(?: [A-Z][\w-]*)+)", said):
        return f"{status[1]}, {code[1]}" if code else status[1]
    if "TimedOut" in said:
        return "no answer in time"
    if "error sending request" in said:
        return "the connection broke"
    return said.splitlines()[0][:200]
