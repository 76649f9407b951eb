"""Clashes of addresses: two files with one output, an alias that hides a page, topics that share one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping

from newsroom.articles.schema import AnyDocument, Entry
from newsroom.config import Config
from newsroom.errors import Problem
from newsroom.fronts import addresses
from newsroom.fronts.edition import Edition, topic_problems
from newsroom.fronts.feeds import FORMS
from newsroom.fronts.listings import page_count, page_url

_SITE = "the site itself"


class _Claims:
    """Whose each file of the output is. Files that differ only in case are one on many disks, and a file cannot
    lie where a folder must."""

    def __init__(self) -> None:
        self._files: dict[str, str] = {}
        self._folders: dict[str, str] = {}

    def claim(self, url: str, owner: str) -> str:
        """Note that `url` is `owner`'s; answers whose it was already, "" where it was free."""
        file = url.casefold()
        if taken := self._files.get(file) or self._folders.get(file):
            return taken
        folder = file.rpartition("/")[0]
        fresh = []
        while folder and folder not in self._folders:  # the folders of one that is known are known
            if folder in self._files:
                return self._files[folder]
            fresh.append(folder)
            folder = folder.rpartition("/")[0]
        self._files[file] = owner
        self._folders |= dict.fromkeys(fresh, owner)
        return ""


def find_clashes(
    entries: Collection[Entry],
    editions: Mapping[str, Edition],
    config: Config,
    load: Callable[[Entry], AnyDocument],
) -> Iterator[Problem]:
    """Every clash. All `entries` but drafts are looked at, so that none shows first when an embargo ends."""
    claims = _Claims()
    for edition in editions.values():
        for url in _own_addresses(edition, config):
            claims.claim(url, _SITE)
        yield from topic_problems(edition, load)
    finished = [each for each in entries if each.url and each.status != "draft"]
    finished.sort(key=lambda each: each.source)
    folder = config.content.name
    for entry in finished:
        if owner := claims.claim(entry.url, f"{folder}/{entry.source}"):
            document = load(entry)
            line = max(document.line("slug"), document.line("save_as"))
            message = f"its page {document.url!r} is also that of {owner}"
            yield Problem(document.path, line, message, "give it another slug")
    for entry in finished:
        for n, alias in enumerate(entry.aliases):
            url = addresses.redirect(alias)
            reserved = _SITE if url.split("/")[0].casefold() in (config.static.casefold(), "images") else ""
            if owner := reserved or claims.claim(url, f"{folder}/{entry.source}"):
                document = load(entry)
                twice = entry.aliases.count(alias) > 1
                message = f"the alias {alias!r} " + ("stands twice" if twice else f"hides the page of {owner}")
                yield Problem(document.path, document.line(f"aliases.{n}"), message, "delete the alias")


def _own_addresses(edition: Edition, config: Config) -> Iterator[str]:
    """Every file of an edition that is not one document's own."""
    listings = {addresses.FRONT: edition.articles}
    listings |= {addresses.section(key): held for key, held in edition.sections.items()}
    listings |= {addresses.topic(key): held for key, held in edition.topics.items()}
    listings |= {addresses.series(key): held for key, held in edition.series.items()}
    listings |= {addresses.author(key): held for key, held in edition.authors.items()}
    for base, held in listings.items():
        for number in range(page_count(len(held), config.page_size)):
            yield page_url(edition.prefix + base, number)
    years = {year for year, _ in edition.months}
    periods = [addresses.year(year) for year in years]
    periods += [addresses.month(month, year) for year, month in edition.months]
    for base in (addresses.ARCHIVE, addresses.CORRECTIONS, addresses.SEARCH, *periods):
        yield page_url(edition.prefix + base, 0)
    scopes = ["all", *(f"sections/{key}" for key in edition.sections), *(f"authors/{key}" for key in edition.authors)]
    if config.newsroom.root_key:
        yield edition.prefix + addresses.VERIFY
    if config.newsroom.downloads:
        for year, month in edition.months:
            yield edition.prefix + addresses.kept_month(month, year)
        yield addresses.WHOLE
    for name in (
        addresses.NOT_FOUND,
        *([addresses.BLOCKED] if config.newsroom.reachable else []),
        addresses.NEWS_SITEMAP,
        *(addresses.feed(scope, form) for scope in scopes for form in FORMS),
    ):
        yield edition.prefix + name
    yield from (
        addresses.ROBOTS,
        addresses.WORKER,
        addresses.SITEMAP,
        addresses.PAGES_SITEMAP,
        *map(addresses.year_sitemap, years),
    )
