"""Long listings: pages are numbered from the oldest, so that a full page never changes again.

The newest page has no number and holds 20 to 39 articles at a page size of 20; when it would hold 40, its
oldest 20 become the next numbered page. Adding an article to ten thousand rewrites the newest page only, and
every twentieth time two more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Item = TypeVar("Item")


@dataclass(frozen=True)
class Slice(Generic[Item]):
    """One page of a listing, newest first. `number` 0 is the newest page; `newer` and `older` are numbers of
    neighbours, None where there is none."""

    items: tuple[Item, ...]
    number: int
    newer: int | None
    older: int | None


def page_count(articles: int, size: int) -> int:
    """How many pages a listing has: the newest, which has no number, and the full ones before it."""
    return max(1, articles // size)


def paginate(oldest_first: Sequence[Item], size: int) -> Iterator[Slice[Item]]:
    """The newest page, then the numbered pages from the newest to 1. An empty listing has one empty page."""
    for number in (0, *range(page_count(len(oldest_first), size) - 1, 0, -1)):
        yield _page(oldest_first, size, number)


def page_of(one: Item, oldest_first: Sequence[Item], size: int) -> Iterator[Slice[Item]]:
    """The page that shows this very item, if there is one; entries take long to compare."""
    place = next((n for n, each in enumerate(oldest_first) if each is one), None)
    if place is not None:
        number = place // size + 1
        yield _page(oldest_first, size, number if number < page_count(len(oldest_first), size) else 0)


def _page(oldest_first: Sequence[Item], size: int, number: int) -> Slice[Item]:
    full = page_count(len(oldest_first), size) - 1
    if not number:
        return Slice(tuple(reversed(oldest_first[full * size :])), 0, None, full or None)
    items = tuple(reversed(oldest_first[(number - 1) * size : number * size]))
    return Slice(items, number, number + 1 if number < full else 0, number - 1 or None)


def page_url(base: str, number: int) -> str:
    """`sections/politics/` → `sections/politics/index.html`, or `…/page-3.html` for a numbered page."""
    return f"{base}page-{number}.html" if number else f"{base}index.html"
