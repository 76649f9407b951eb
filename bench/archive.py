"""A real archive beside the made-up ones: the posts of ../shared/corpora/18f, without their pictures.

They stand as articles of the made-up sections in turn, with their own dates, authors, topics, summaries and texts;
posts with mistakes that stop a build are left out.
"""

from __future__ import annotations

import dataclasses
import re
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from corpus import FIRST, SECTIONS, Article, Corpus, Plain

from newsroom.articles.slugs import slugify
from tests.archive import LEFT_OUT, Post, authors, body, fields, posts

_ZONE = FIRST.tzinfo or ZoneInfo("UTC")
_PICTURE = re.compile(r"!\[[^\]]*\]\([^)]*\)(?:\{[^}]*\})?|<img[^>]*>|^Credit: 18F$", re.MULTILINE)


class Archive(Corpus):
    """The posts, oldest first, in the same shape as a made-up archive."""

    def __init__(self) -> None:
        found = [post for post in posts() if post.source not in LEFT_OUT]
        super().__init__(len(found))
        sources = {(post.year, post.month, post.day, post.slug): post.source for post in found}
        self._articles = [_article(number, post, body(post, sources)) for number, post in zip(count(), found)]
        names = {slugify(name): name for post in found for name in authors(post)}
        self.authors = [
            Plain(slug, name, f"{name}.", f"{name} wrote for this archive.") for slug, name in names.items()
        ]

    @property
    def name(self) -> str:
        return f"{self.size} posts of a real archive"

    def articles(self) -> Iterator[Article]:
        return iter(self._articles)

    def article(self, number: int) -> Article:
        if number < self.size:
            return self._articles[number]
        last, later = self._articles[-1], timedelta(days=number - self.size + 1)
        return dataclasses.replace(last, number=number, slug=f"{last.slug}-{number}", date=last.date + later)

    def date(self, number: int) -> datetime:
        return self.article(number).date


def _article(number: int, post: Post, text: str) -> Article:
    written: dict[str, Any] = fields(post)
    return Article(
        number=number,
        slug=post.slug,
        title=written["title"],
        summary=written["summary"],
        date=datetime(int(post.year), int(post.month), int(post.day), 6, tzinfo=_ZONE),
        section=list(SECTIONS)[number % len(SECTIONS)],
        authors=tuple(written["authors"]),
        topics=tuple(written.get("tags", ())),
        series=None,
        correction=None,
        body=_PICTURE.sub("", text),
    )
