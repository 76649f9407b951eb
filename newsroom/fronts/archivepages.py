"""The archive: the list of all years and months, a page of each year and of each month.

Each is planned as in documentpages.py: first what it depends on, then what makes its values.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from newsroom.articles.schema import Entry
from newsroom.fronts import addresses
from newsroom.fronts.edition import Edition
from newsroom.fronts.interface import month_name
from newsroom.fronts.listings import page_url
from newsroom.fronts.shared import Shared
from newsroom.fronts.views import Link, Listed, ListingView, Output, Period

Values = Mapping[str, Any]


def archive_pages(shared: Shared, of: Entry | None) -> Iterator[Output]:
    """The pages of the archive, or those that show the article `of`."""
    edition, config = shared.edition, shared.views.config
    years = periods(edition, config.digits(edition.lang))
    others = {lang: _period_bases(other) for lang, other in shared.editions.items()}
    alternates = shared.alternates(addresses.ARCHIVE, lambda _: True)
    up = Link(shared.words.say("Archive"), page_url(edition.prefix + addresses.ARCHIVE, 0))
    counts = [(year.url, year.count, [(month.url, month.count) for month in year.months]) for year in years]
    make = partial(_archive_values, shared, up, years, alternates)
    if of is None:
        yield shared.output(up.url, "archives", (counts, alternates), make, Listed(alternates))
    for year in years:
        number = int(year.text)
        if of is not None and of.month[0] != number:
            continue
        articles = [each for key in reversed(_month_keys(edition, number)) for each in edition.months[key]]
        yield _period(shared, year, articles[-config.page_size :], up, addresses.year(number), others)
        for month, key in zip(year.months, _month_keys(edition, number), strict=True):
            if of is not None and of.month != key:
                continue
            base = addresses.month(key[1], number)
            yield _period(shared, month, edition.months[key], Link(year.text, year.url), base, others)


def _archive_values(shared: Shared, up: Link, years: tuple[Period, ...], alternates: Mapping[str, str]) -> Values:
    head = shared.front_head(up.url, up.text, shared.words.say("All articles by year and month"), alternates)
    return shared.values(head, heading=up.text, years=years, translations=shared.links(alternates))


def periods(edition: Edition, digits: Mapping[int, str]) -> tuple[Period, ...]:
    """The years, newest first, each with its months, newest first."""
    found: dict[int, list[Period]] = defaultdict(list)
    for (year, month), articles in sorted(edition.months.items(), reverse=True):
        url = page_url(edition.prefix + addresses.month(month, year), 0)
        name = month_name(year, month, edition.lang).translate(digits)
        found[year].append(Period(name, url, len(articles)))
    return tuple(
        Period(
            f"{year}".translate(digits),
            page_url(edition.prefix + addresses.year(year), 0),
            sum(month.count for month in months),
            tuple(months),
        )
        for year, months in found.items()
    )


def _month_keys(edition: Edition, year: int) -> list[tuple[int, int]]:
    return sorted((key for key in edition.months if key[0] == year), reverse=True)


def _period(
    shared: Shared, period: Period, articles: list[Entry], up: Link, base: str, others: Mapping[str, set[str]]
) -> Output:
    """A year's page shows its months and newest articles, a month's page all of its articles."""
    alternates = shared.alternates(base, lambda other: base in others[other.lang])
    url = page_url(shared.edition.prefix + base, 0)
    cards = [shared.views.card_digest(each) for each in articles]
    parts = (cards, [(month.url, month.count) for month in period.months], alternates)
    make = partial(_period_values, shared, period, articles, up, url, alternates)
    return shared.output(url, "period_archives", parts, make, Listed(alternates))


def _period_values(
    shared: Shared, period: Period, articles: list[Entry], up: Link, url: str, alternates: Mapping[str, str]
) -> Values:
    cards = tuple(shared.views.card(article) for article in reversed(articles))
    view = ListingView(period.text, cards, translations=shared.links(alternates))
    description = shared.words.say("Articles: %(name)s", name=period.text)
    head = shared.list_head(url, view, description, alternates)
    return shared.values(head, listing=view, months=period.months, up=up)


def _period_bases(edition: Edition) -> set[str]:
    years = {addresses.year(year) for year, _ in edition.months}
    return years | {addresses.month(month, year) for year, month in edition.months}
