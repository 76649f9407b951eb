"""Pages that list articles: front, sections, topics, series, authors, archive, corrections."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial

from markupsafe import Markup

from newsroom.articles.schema import Article, Author
from newsroom.fronts import addresses
from newsroom.fronts import structured_data as data
from newsroom.fronts.edition import Edition
from newsroom.fronts.heads import make_head
from newsroom.fronts.interface import month_name
from newsroom.fronts.listings import page_url
from newsroom.fronts.shared import Shared
from newsroom.fronts.views import AuthorView, Card, Figure, Link, ListingView, PageInputs, Period

BLOCK = 3  # articles of one section on the front
Blocks = tuple[tuple[Link, tuple[Card, ...]], ...]


def list_pages(shared: Shared) -> Iterator[PageInputs]:
    """Every listing of the edition."""
    names = shared.edition.topic_names
    yield from _front(shared)
    yield from _group(shared, "category", addresses.section, lambda edition: edition.sections, _section_name)
    yield from _group(shared, "tag", addresses.topic, lambda edition: edition.topics, lambda _, key: names[key])
    yield from _group(shared, "series", addresses.series, lambda edition: edition.series, _series_name)
    yield from _authors(shared)
    yield from _archive(shared)
    yield _corrections(shared)


def _front(shared: Shared) -> Iterator[PageInputs]:
    config, edition = shared.views.config, shared.edition
    name = config.site_name(edition.lang)
    description = config.newsroom.taglines.get(edition.lang) or name
    alternates = shared.alternates(addresses.FRONT, lambda _: True)
    graph = data.script(data.front_graph(config, edition, shared.logo))
    for url, view in shared.listing(addresses.FRONT, name, edition.articles, alternates):
        head = shared.list_head(url, view, description, alternates, feeds=shared.feeds(), graph=graph)
        lead, blocks, rest = (None, (), view.cards) if view.number else _blocks(shared, view.cards)
        view = replace(view, cards=rest)
        yield shared.inputs(url, "index", head, listing=view, front=not view.number, lead=lead, blocks=blocks)


def _blocks(shared: Shared, cards: tuple[Card, ...]) -> tuple[Card | None, Blocks, tuple[Card, ...]]:
    """The lead, the section blocks in the order of the menu, and the cards that are in neither."""
    lead, others = (cards[0], cards[1:]) if cards else (None, ())
    blocks = []
    for section in shared.site.sections:
        if held := tuple(card for card in others if card.section == section)[:BLOCK]:
            blocks.append((section, held))
    shown = {card.url for _, held in blocks for card in held}
    return lead, tuple(blocks), tuple(card for card in others if card.url not in shown)


def _section_name(shared: Shared, key: str) -> str:
    return shared.views.section(key).text


def _series_name(shared: Shared, key: str) -> str:
    series = shared.edition.series[key][0].fields.series
    return shared.views.text(series.name) if series else key


def _group(
    shared: Shared,
    template: str,
    base: Callable[[str], str],
    groups: Callable[[Edition], Mapping[str, list[Article]]],
    name: Callable[[Shared, str], str],
) -> Iterator[PageInputs]:
    """The pages of every section, topic or series: `groups(edition)` by key, at `base(key)`."""
    for key, articles in sorted(groups(shared.edition).items()):
        heading, address = name(shared, key), shared.edition.prefix + base(key)
        alternates = shared.alternates(base(key), partial(_has, groups, key))
        feeds = shared.feeds(f"sections/{key}", heading) if template == "category" else shared.feeds()
        if template == "series":
            articles = articles[::-1]  # listings print the last first; a series is read from part 1
        crumbs = data.breadcrumbs(shared.views.config, shared.edition, [heading], [page_url(address, 0)])
        description = shared.words.say("Articles: %(name)s", name=heading)
        kind = {"tag": shared.words.say("Topic"), "series": shared.words.say("Series")}.get(template, "")
        for url, view in shared.listing(base(key), heading, articles, alternates):
            named = replace(view, heading=f"{kind}: {heading}") if kind else view  # a topic may be called as a section
            head = shared.list_head(url, named, description, alternates, feeds=feeds, graph=data.script([crumbs]))
            section = Link(heading, page_url(address, 0))
            yield shared.inputs(url, template, head, listing=view, section=section)


def _has(groups: Callable[[Edition], Mapping[str, list[Article]]], key: str, edition: Edition) -> bool:
    return bool(groups(edition).get(key))


def _has_author(key: str, edition: Edition) -> bool:
    return key in edition.authors


def _authors(shared: Shared) -> Iterator[PageInputs]:
    edition = shared.edition
    for key, articles in sorted(edition.authors.items()):
        base = addresses.author(key)
        alternates = shared.alternates(base, partial(_has_author, key))
        author = _author(shared, edition.profiles[key], addresses.root_of(edition.prefix + page_url(base, 0)))
        description = author.role or shared.words.say("Articles: %(name)s", name=author.name)
        feeds = shared.feeds(f"authors/{key}", author.name)
        graph = data.script(data.author_graph(author, edition.prefix + page_url(base, 0), shared.views.config))
        for url, view in shared.listing(base, author.name, articles, alternates):
            head = shared.list_head(url, view, description, alternates, feeds=feeds, graph=graph, figure=author.photo)
            yield shared.inputs(url, "author", head, author=author, listing=view)


def _author(shared: Shared, profile: Author, root: str) -> AuthorView:
    fields, photo, tools = profile.fields, profile.fields.photo, shared.views.tools
    figure = Figure(tools.picture(profile, photo.image), photo.alt, photo.credit) if photo else None
    return AuthorView(
        name=fields.name,
        role=shared.views.text(fields.role),
        organisation=fields.kind == "organisation",
        email=fields.email or "",
        photo=figure,
        links=tuple(Link(link.name, link.url) for link in fields.links),
        biography=Markup(tools.finish(profile, root)),  # noqa: S704 (sanitised when it was read)
        biography_lang="" if profile.lang == shared.edition.lang else profile.lang,
    )


def _archive(shared: Shared) -> Iterator[PageInputs]:
    edition, config = shared.edition, shared.views.config
    years = _periods(edition)
    heading = shared.words.say("Archive")
    base = addresses.ARCHIVE
    alternates = shared.alternates(base, lambda _: True)
    url = page_url(edition.prefix + base, 0)
    head = make_head(
        config,
        title=heading,
        description=shared.words.say("All articles by year and month"),
        lang=edition.lang,
        url=url,
        alternates=alternates,
        feeds=shared.feeds(),
    )
    yield shared.inputs(url, "archives", head, heading=heading, years=years, translations=shared.links(alternates))
    up = Link(heading, url)
    for year in years:
        number = int(year.text)
        articles = [each for (of, _), held in sorted(edition.months.items()) if of == number for each in held]
        yield from _period(shared, year, articles[-config.page_size :], up, addresses.year(number))
        for month, key in zip(year.months, _month_keys(edition, number), strict=True):
            base = addresses.month(key[1], number)
            yield from _period(shared, month, edition.months[key], Link(year.text, year.url), base)


def _periods(edition: Edition) -> tuple[Period, ...]:
    """The years, newest first, each with its months, newest first."""
    found: dict[int, list[Period]] = defaultdict(list)
    for (year, month), articles in sorted(edition.months.items(), reverse=True):
        url = page_url(edition.prefix + addresses.month(month, year), 0)
        found[year].append(Period(month_name(year, month, edition.lang), url, len(articles)))
    return tuple(
        Period(
            f"{year}",
            page_url(edition.prefix + addresses.year(year), 0),
            sum(month.count for month in months),
            tuple(months),
        )
        for year, months in found.items()
    )


def _month_keys(edition: Edition, year: int) -> list[tuple[int, int]]:
    return sorted((key for key in edition.months if key[0] == year), reverse=True)


def _period(shared: Shared, period: Period, articles: list[Article], up: Link, base: str) -> Iterator[PageInputs]:
    """A year's page shows its months and newest articles, a month's page all of its articles."""
    edition = shared.edition
    url = page_url(edition.prefix + base, 0)
    alternates = shared.alternates(base, lambda other: any(_covers(base, key) for key in other.months))
    cards = tuple(shared.views.card(article) for article in reversed(articles))
    view = ListingView(period.text, cards, translations=shared.links(alternates))
    description = shared.words.say("Articles: %(name)s", name=period.text)
    head = shared.list_head(url, view, description, alternates, feeds=shared.feeds())
    yield shared.inputs(url, "period_archives", head, listing=view, months=period.months, up=up)


def _covers(base: str, key: tuple[int, int]) -> bool:
    return base in (addresses.year(key[0]), addresses.month(key[1], key[0]))


def _corrections(shared: Shared) -> PageInputs:
    edition, base = shared.edition, addresses.CORRECTIONS
    dated = [
        (correction.date, article.url, note)
        for article in edition.articles
        for correction, note in zip(
            sorted(article.fields.corrections, key=lambda each: each.date),
            shared.views.corrections(article, linked=True),
            strict=True,
        )
    ]
    notes = tuple(note for _, _, note in sorted(dated, key=lambda each: each[:2], reverse=True))
    heading = shared.words.say("Corrections")
    url = page_url(edition.prefix + base, 0)
    alternates = shared.alternates(base, lambda _: True)
    head = make_head(
        shared.views.config,
        title=heading,
        description=shared.words.say("What we got wrong, and put right"),
        lang=edition.lang,
        url=url,
        alternates=alternates,
        feeds=shared.feeds(),
    )
    translations = shared.links(alternates)
    return shared.inputs(url, "corrections", head, heading=heading, corrections=notes, translations=translations)
