"""Addresses that were published: none may disappear, for others link to them, cite them and follow them.

The ledger `content/addresses.txt` holds every page and feed that readers ever got, one a line, in order; lines are only
added, so that git can merge what two people published. Pictures, parts of pages and downloads are none: they come
and go with what shows them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from newsroom.errors import Problem
from newsroom.publish.manifest import is_inside

LEDGER = "addresses.txt"
_PAGES, _FEEDS = (".html", ".htm"), (".atom.xml", ".rss.xml")
# What hosts answer with where there is none, and pages that come and go with a setting.
_NO_PAGES = ("404.html", "blocked.html", "verify.html", "offline.html")
_DOWNLOADS = re.compile(r"([\w-]+/)?months/")
_CONFLICTS = ("<<<<<<<", "=======", ">>>>>>>", "|||||||")  # what git leaves where nobody merged


def addresses(names: Iterable[str]) -> set[str]:
    """Those of a release's files that are addresses."""
    return {
        name
        for name in names
        if name.endswith((*_PAGES, *_FEEDS)) and not _DOWNLOADS.match(name) and name.rpartition("/")[2] not in _NO_PAGES
    }


def read_addresses(text: str) -> dict[str, int]:
    """The addresses of a ledger, each with its line; a line that begins with # is a remark."""
    found: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if (address := line.strip()) and not address.startswith("#"):
            found.setdefault(address, number)
    return found


def joined(text: str, names: Iterable[str]) -> str:
    """The ledger with what else a release published."""
    remarks = [line for line in text.splitlines() if line.startswith("#")]
    return "".join(f"{line}\n" for line in (*remarks, *sorted(read_addresses(text).keys() | addresses(names))))


def vanished(ledger: Mapping[str, int], path: str, live: Iterable[str], there: Collection[str]) -> Iterator[Problem]:
    """Every address that readers know and would no more find. `ledger` is that at `path`, `live` are the files of the
    release that readers have, `there` those of the one to come."""
    remedy = "add it to 'aliases' of the article that replaces it, or retract it"
    for address, line in ledger.items():
        if address.startswith(_CONFLICTS) or not is_inside(address):
            yield Problem(path, line, f"{address!r} is no address", "delete the line; git may have left it")
        elif address not in there:
            yield Problem(path, line, f"the address {address!r} would disappear", remedy)
    for address in sorted(addresses(live) - ledger.keys() - set(there)):
        message = f"the address {address!r}, which readers have now and this file does not name, would disappear"
        yield Problem(path, 1, message, f"{remedy}; write a list's into this file")
