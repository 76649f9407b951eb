"""What can be wrong with a copy of the site, each told apart, in a sentence that says what it means and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """The kinds of faults, as a reader must tell them apart."""

    UNREACHABLE = "unreachable"  # nothing can be said
    UNSIGNED = "unsigned"
    FORGED = "forged"  # a signature that is wrong, or another's
    WITHDRAWN = "withdrawn"  # signed with a key that is not listed
    SITE = "site"  # of another site
    ROLLBACK = "rollback"  # older than what was seen
    EXPIRED = "expired"  # kept from getting newer (TUF: freeze)
    CLOCK = "clock"  # dated later than now
    TAMPERED = "tampered"
    MIXED = "mixed"  # a file of the release before
    MISSING = "missing"
    EXTRA = "extra"
    ELSEWHERE = "elsewhere"  # led to another host


# With one of these, the rest of a copy is not worth looking at.
FATAL = frozenset({Kind.UNREACHABLE, Kind.UNSIGNED, Kind.FORGED, Kind.WITHDRAWN, Kind.SITE})
_SHOWN = 20  # names that are printed of a fault

_OF_FILES = {
    Kind.TAMPERED: "not as the newsroom signed: somebody changed what is there; do not believe it, and use another "
    "address",
    Kind.MIXED: "of the release before: the copy is being renewed, or somebody holds back what is new; verify again in "
    "some minutes, and then use another address",
    Kind.MISSING: "missing: lost, or taken away so that nobody reads it; use another address",
    Kind.EXTRA: "not of this release: somebody put that there, or left it; do not open it",
    Kind.ELSEWHERE: "said to be at another host, from which nothing was fetched; use another address",
    Kind.UNREACHABLE: "not to be had, so that nothing can be said about it; verify again, or use another address",
}


@dataclass(frozen=True)
class Fault:
    """One fault of a copy; `names` are the files that it is about."""

    kind: Kind
    sentence: str
    names: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        """The fault as it is printed."""
        more = len(self.names) - _SHOWN
        return [
            f"{self.kind.upper()}: {self.sentence}",
            *(f"    {name}" for name in self.names[:_SHOWN]),
            *([f"    … and {more} more"] if more > 0 else []),
        ]


def of_files(kind: Kind, names: Iterable[str]) -> Fault:
    """The fault of these files."""
    found = tuple(sorted(names))
    count = "1 file is" if len(found) == 1 else f"{len(found)} files are"
    return Fault(kind, f"{count} {_OF_FILES[kind]}", found)
