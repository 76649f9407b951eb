"""What a release has to send to a bucket, and to remove from it: arithmetic of names."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from newsroom.publish.manifest import PROOFS, File, Manifest, phases
from newsroom.publish.targets.base import Release

PENDING = "release.pending.json"  # the names of files that are being sent or removed
# Whether the host has the bytes of a file by that name; None: it has as many bytes, and tells no more.
Has = Callable[[str, Path], bool | None]


@dataclass(frozen=True)
class Plan:
    """The files to send by phase; the proofs to send; those to remove, pages first; how many stay as they are; and
    whose state is uncertain until all of it is done."""

    phases: tuple[tuple[str, ...], ...]
    proofs: tuple[str, ...]
    remove: tuple[tuple[str, ...], ...]
    kept: int
    uncertain: frozenset[str]
    resumed: bool  # whether an earlier release did not come to its end

    @property
    def sent(self) -> int:
        return sum(map(len, self.phases)) + len(self.proofs)

    @property
    def removed(self) -> int:
        return sum(map(len, self.remove))

    def __bool__(self) -> bool:
        return bool(self.sent or self.removed or self.resumed)


def plan_release(
    release: Release, before: Manifest | None, there: Collection[str], has: Has, pending: frozenset[str] | None
) -> Plan:
    """The plan, from the names that are there and those that an earlier release left `pending`, None if it came to its
    end. What is neither of these nor of the manifest before is somebody else's, and stays. What is there decides the
    order, not the manifest before: a killed publisher may have brought pages of a third release."""
    files, old, uncertain = release.manifest.files, before.files if before else {}, pending or frozenset()

    def is_there(name: str) -> bool:
        found = has(name, release.folder / name)
        if found is None and name in files and name in old and name not in uncertain:
            return files[name].sha256 == old[name].sha256
        return bool(found)

    def missing(names: Iterable[str]) -> tuple[str, ...]:
        return tuple(name for name in names if not is_there(name))

    seen = msgspec.structs.replace(release.manifest, files=dict.fromkeys(there, File(0, "", 0)))
    sent = tuple(missing(names) for names in phases(release.manifest, seen))
    proofs = missing(release.proofs)
    gone = sorted(((old.keys() | uncertain | set(PROOFS)) & set(there)) - files.keys() - set(release.proofs))
    pages = tuple(name for name in gone if name.endswith(".html"))
    others = tuple(name for name in gone if not name.endswith(".html"))
    kept = len(files) + len(release.proofs) - sum(map(len, sent)) - len(proofs)
    known = {name for names in sent for name in names}
    return Plan(sent, proofs, (pages, others), kept, uncertain | set(gone) | known, pending is not None)
