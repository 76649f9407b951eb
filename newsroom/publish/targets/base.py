"""What every place to publish to can do, and how it fails."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from newsroom.publish.manifest import PROOFS, Manifest

Progress = Callable[[str, int, int], None]  # what is being done, how many are done, of how many


class PublishFailed(Exception):
    """One sentence that says where, what could not be done and what to do. What readers see is the last release, or a
    whole mixture of both in which no page lacks a part."""


@dataclass(frozen=True)
class Release:
    """What is to be published: a folder that holds the files of the manifest and the proofs, and nothing else. Each
    file's time of change is its `since`."""

    folder: Path
    manifest: Manifest

    @property
    def proofs(self) -> tuple[str, ...]:
        """The proofs that there are, in the order in which they are put: without a key there is no signature."""
        return tuple(name for name in PROOFS if (self.folder / name).exists())


@dataclass(frozen=True)
class Limits:
    """What a host takes at most; 0 stands for no limit. Sizes are bytes."""

    host: str = ""
    files: int = 0
    file_size: int = 0
    size: int = 0
    redirects: int = 0


class Target(Protocol):
    """A place that releases are put to. `name` is how messages call it, without a secret."""

    @property
    def name(self) -> str: ...

    @property
    def limits(self) -> Limits: ...

    def lock(self) -> AbstractContextManager[None]:
        """Keep other publishers away. Raises PublishFailed where one is at work; a publisher that died holds nothing,
        or not for long."""

    def read(self, name: str) -> bytes | None:
        """A file as the place holds it now; None where there is none. Raises PublishFailed where it cannot be asked."""

    def put(self, release: Release, before: Manifest | None, progress: Progress) -> str:
        """Make this release the one that readers get, after `before`, the one that `read` gave; answers a line that
        says what was sent. Called while the lock is held. Killed at any moment, readers see whole pages, and the next
        `put`, of any release, leaves what it would have left alone. Raises PublishFailed."""


@runtime_checkable
class KeepsReleases(Protocol):
    """A place that keeps releases that readers had before."""

    @property
    def name(self) -> str: ...

    def releases(self) -> list[int]:
        """The versions that are there, in order; the last is the highest that was ever put there."""

    def rollback(self, to: int | None = None) -> str:
        """Give readers the release before, or the one named; answers a line that says so. Raises PublishFailed."""
