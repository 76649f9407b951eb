"""Whether two outputs are comparable: as many files, as many pages and cards, and as many bytes, near enough."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

NEAR = 0.15  # of the bytes


@dataclass(frozen=True)
class Weight:
    """What an output holds; hidden files, such as our ledger, are not part of the site."""

    files: int
    pages: int
    cards: int
    page_bytes: int
    feed_bytes: int


def weigh(output: Path) -> Weight:
    """Count the files of an output."""
    files = [path for path in output.rglob("*") if path.is_file() and not path.name.startswith(".")]
    pages = [path for path in files if path.suffix == ".html"]
    feeds = [path for path in files if path.suffix == ".xml"]
    cards = sum(path.read_bytes().count(b'<article class="card') for path in pages)
    return Weight(len(files), len(pages), cards, _bytes(pages), _bytes(feeds))


def _bytes(paths: list[Path]) -> int:
    return sum(path.stat().st_size for path in paths)


def differences(ours: Weight, theirs: Weight) -> list[str]:
    """Why the two cannot be compared; nothing when they can."""
    found = [
        f"{name}: {one} and {other}"
        for name, one, other in (("files", ours.files, theirs.files), ("pages", ours.pages, theirs.pages))
        if one != other
    ]
    found += [
        f"{name}: {one} and {other} are more than {NEAR:.0%} apart"
        for name, one, other in (
            ("bytes of pages", ours.page_bytes, theirs.page_bytes),
            ("bytes of feeds and sitemaps", ours.feed_bytes, theirs.feed_bytes),
            ("cards", ours.cards, theirs.cards),
        )
        if abs(one - other) > NEAR * one
    ]
    return found
