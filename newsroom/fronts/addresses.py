"""Addresses: where every front stands in the output, by language. Documents bring their own."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable

FRONT, ARCHIVE, CORRECTIONS, SEARCH = "", "archive/", "corrections/", "search/"
NOT_FOUND, BLOCKED, VERIFY = "404.html", "blocked.html", "verify.html"
WORKER = "sw.js"  # at the root, for it is in charge of the pages below it
WHOLE = "site.zip"  # the whole site as one file, which publish makes
ROBOTS, SITEMAP, PAGES_SITEMAP, NEWS_SITEMAP = (
    "robots.txt",
    "sitemap.xml",
    "sitemap-pages.xml",
    "sitemap-news.xml",
)


def section(identifier: str) -> str:
    return f"sections/{identifier}/"


def topic(slug: str) -> str:
    return f"topics/{slug}/"


def author(identifier: str) -> str:
    return f"authors/{identifier}/"


def series(slug: str) -> str:
    return f"series/{slug}/"


def year(number: int) -> str:
    return f"{number:04}/"


def month(number: int, of_year: int) -> str:
    return f"{of_year:04}/{number:02}/"


def kept_month(number: int, of_year: int) -> str:
    """All articles of a month as one file, which publish makes."""
    return f"months/{of_year:04}-{number:02}.html"


def feed(scope: str, form: str) -> str:
    """`feed("sections/politics", "atom")` → `feeds/sections/politics.atom.xml`; the whole site's scope is `all`."""
    return f"feeds/{scope}.{form}.xml"


def year_sitemap(number: int) -> str:
    return f"sitemap-{number:04}.xml"


def root_of(url: str) -> str:
    """The relative way from a page to the output's root: `.`, `..`, `../..`."""
    return "/".join([".."] * url.count("/")) or "."


def social_card(article: str) -> str:
    """What other sites show of a link to an article, where that has no picture: in the folder of pictures, where no
    document's address leads."""
    return f"images/cards/{article.removesuffix('.html')}.png"


def absolute(site: str, url: str) -> str:
    """The public address of a file in the output: a folder's index goes by the folder's name."""
    return f"{site}/{url.removesuffix('index.html') if f'/{url}'.endswith('/index.html') else url}"


def redirect(alias: str) -> str:
    """The file that answers for an old path: `2021/old` and `2021/old/` → `2021/old/index.html`."""
    return alias if posixpath.splitext(alias)[1] in (".html", ".htm") else f"{alias}/index.html"


def places(url: str, aliases: Iterable[str]) -> tuple[str, ...]:
    """Every file that answers for a document: its page, and those at its old paths."""
    return (url, *map(redirect, aliases))


def listing(key: str) -> str:
    """The page that an author's profile (`authors/x`) or a front (`fronts/index`, `fronts/topics/x`) is about."""
    kind, _, name = key.removeprefix("fronts/").rpartition("/")
    bases = {"sections": section, "topics": topic, "series": series}
    base = author(name) if key.startswith("authors/") else bases[kind](name) if kind in bases else FRONT
    return f"{base}index.html"
