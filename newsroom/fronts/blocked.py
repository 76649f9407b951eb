"""The page for when the site is blocked: where else it is, what of it can be kept, how a copy is verified.

The files to keep are made when the site is published (newsroom/publish/downloads.py), at the addresses named here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from newsroom.fronts import addresses
from newsroom.fronts.interface import month_name
from newsroom.fronts.shared import Shared
from newsroom.fronts.views import Link, Listed, Output


def blocked_page(shared: Shared) -> Iterator[Output]:
    """The page, where there is anything to tell."""
    if url := shared.site.blocked:
        alternates = {lang: edition.prefix + addresses.BLOCKED for lang, edition in shared.editions.items()}
        parts = (sorted(shared.edition.months), alternates)
        yield shared.output(url, "blocked", parts, partial(_values, shared, url, alternates), Listed(alternates))


def _values(shared: Shared, url: str, alternates: Mapping[str, str]) -> Mapping[str, Any]:
    say, newsroom = shared.words.say, shared.views.config.newsroom
    heading = say("If this site is blocked")
    description = say("Other addresses with the same pages, and copies to keep")
    head = shared.front_head(url, heading, description, alternates)
    return shared.values(
        head,
        heading=heading,
        translations=shared.links(alternates),
        addresses=tuple(_addresses(shared)) if newsroom.mirrors else (),
        onion=(Link(_shown(newsroom.onion), newsroom.onion),) if newsroom.onion else (),
        whole=(Link(say("Download the whole site (ZIP)"), addresses.WHOLE),) if newsroom.downloads else (),
        months=tuple(_months(shared)) if newsroom.downloads else (),
        verify=(Link(say("Check a copy"), shared.edition.prefix + addresses.VERIFY),) if newsroom.root_key else (),
        keeps=bool(shared.site.worker),
    )


def _addresses(shared: Shared) -> Iterator[Link]:
    """The site's own address, for those who read a copy, and its mirrors'."""
    config = shared.views.config
    for address in dict.fromkeys(each.rstrip("/") for each in (config.url, *config.newsroom.mirrors)):
        yield Link(_shown(address), f"{address}/")


def _months(shared: Shared) -> Iterator[Link]:
    """The months' files, newest first."""
    edition, digits = shared.edition, shared.views.config.digits(shared.edition.lang)
    for year, month in sorted(edition.months, reverse=True):
        url = edition.prefix + addresses.kept_month(month, year)
        yield Link(month_name(year, month, edition.lang).translate(digits), url)


def _shown(address: str) -> str:
    """An address as readers type it."""
    return address.removeprefix("https://").removeprefix("http://").rstrip("/")
