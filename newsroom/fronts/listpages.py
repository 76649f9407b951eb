"""Pages that list articles: front, sections, topics, series, authors, corrections; and the list of these.

Each is planned as in documentpages.py: first what it depends on, then what makes its values.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from markupsafe import Markup

from newsroom.articles.schema import AuthorFields, Entry
from newsroom.fronts import addresses
from newsroom.fronts import structured_data as data
from newsroom.fronts.archivepages import archive_pages, periods
from newsroom.fronts.edition import Edition, topics_of
from newsroom.fronts.listings import page_url
from newsroom.fronts.shared import Shared
from newsroom.fronts.views import AuthorView, Card, Link, Listed, ListingView, Output

BLOCK = 3  # articles of one section on the front
Blocks = tuple[tuple[Link, tuple[Card, ...]], ...]
Values = Mapping[str, Any]
View = Callable[[], ListingView]


def list_pages(shared: Shared, of: Entry | None = None) -> Iterator[Output]:
    """Every listing of the edition, or those that show the article `of`."""
    names = shared.edition.topic_names
    yield from _front(shared, of)
    yield from _group(shared, of, "category", addresses.section, lambda edition: edition.sections, _section_name)
    yield from _group(shared, of, "tag", addresses.topic, lambda edition: edition.topics, lambda _, key: names[key])
    yield from _group(shared, of, "series", addresses.series, lambda edition: edition.series, _series_name)
    yield from _authors(shared, of)
    yield from archive_pages(shared, of)
    if of is None or of.corrections:
        yield corrections_page(shared)
    if of is None:
        yield _search(shared)


def _lists(groups: Mapping[str, list[Entry]], template: str, of: Entry | None) -> Iterator[tuple[str, list[Entry]]]:
    """Each section, topic, series or author with its articles, or those under which `of` stands."""
    keys: Collection[str] = groups.keys()
    if of is not None:
        series = [of.series.slug] if of.series else []
        authors = [author for author, _ in of.authors]
        keys = {"category": [of.section], "tag": [*topics_of(of)], "series": series, "author": authors}[template]
    return ((key, groups[key]) for key in sorted(set(keys)))


def _front(shared: Shared, of: Entry | None) -> Iterator[Output]:
    name = shared.views.config.site_name(shared.edition.lang)
    alternates = shared.alternates(addresses.FRONT, lambda _: True)
    front = shared.edition.fronts.get("index")
    pinned = next((each for each in shared.edition.articles if each.slug == front.lead), None) if front else None
    if pinned is of:  # the lead stands on the first page, in whichever slice it is
        of = None
    for url, part, view in shared.listing(addresses.FRONT, name, shared.edition.articles, alternates, of):
        first = not part.number
        order = front.blocks if front and first else ()
        lead = pinned or (part.items[0] if part.items else None) if first else None
        top = (shared.views.card_digest(lead), shared.views.picture_digest(lead, "lead")) if lead else ()
        make = partial(_front_values, shared, url, view, alternates, lead, order)
        parts = (shared.slice_digest(part), alternates, order, top)
        yield shared.output(url, "index", parts, make, Listed(alternates) if first else None)


def _front_values(
    shared: Shared,
    url: str,
    make_view: View,
    alternates: Mapping[str, str],
    lead: Entry | None,
    order: tuple[str, ...],
) -> Values:
    config, edition, view = shared.views.config, shared.edition, make_view()
    description = config.newsroom.taglines.get(edition.lang) or view.heading
    graph = data.script(data.front_graph(config, edition, shared.logo))
    head = shared.list_head(url, view, description, alternates, graph=graph)
    top = replace(shared.views.card(lead), figure=shared.views.figure(lead, "lead")) if lead else None
    blocks, rest = ((), view.cards) if view.number else _blocks(shared, view.cards, top, order)
    view = replace(view, cards=rest)
    return shared.values(head, listing=view, front=not view.number, lead=top, blocks=blocks)


def _blocks(
    shared: Shared, cards: tuple[Card, ...], lead: Card | None, order: tuple[str, ...]
) -> tuple[Blocks, tuple[Card, ...]]:
    """The section blocks in an editor's order or that of the menu, and the cards that are neither there nor the
    lead."""
    others = tuple(card for card in cards if not lead or card.url != lead.url)
    blocks = []
    for section in map(shared.views.section, order) if order else shared.site.sections:
        if held := tuple(card for card in others if card.section == section)[:BLOCK]:
            blocks.append((section, held))
    shown = {card.url for _, held in blocks for card in held}
    return tuple(blocks), tuple(card for card in others if card.url not in shown)


def _section_name(shared: Shared, key: str) -> str:
    return shared.views.section(key).text


def _series_name(shared: Shared, key: str) -> str:
    series = shared.edition.series[key][0].series
    return shared.views.text(series.name) if series else key


@dataclass(frozen=True)
class _Group:
    """One section, topic or series: its template, its address, what it is called."""

    template: str
    key: str
    base: str
    heading: str
    alternates: Mapping[str, str]


def _group(
    shared: Shared,
    of: Entry | None,
    template: str,
    base: Callable[[str], str],
    groups: Callable[[Edition], Mapping[str, list[Entry]]],
    name: Callable[[Shared, str], str],
) -> Iterator[Output]:
    """The pages of every section, topic or series: `groups(edition)` by key, at `base(key)`."""
    for key, articles in _lists(groups(shared.edition), template, of):
        alternates = shared.alternates(base(key), partial(_has, groups, key))
        group = _Group(template, key, base(key), name(shared, key), alternates)
        if template == "series":
            articles = articles[::-1]  # listings print the last first; a series is read from part 1
        for url, part, view in shared.listing(group.base, group.heading, articles, alternates, of):
            front = None if part.number else shared.edition.fronts.get(group.base.rstrip("/"))
            parts = (
                shared.slice_digest(part),
                alternates,
                group.heading,
                shared.views.whole_digest(front) if front else b"",
            )
            listed = None if part.number else Listed(alternates)
            yield shared.output(url, template, parts, partial(_group_values, shared, url, group, view, front), listed)


def _group_values(shared: Shared, url: str, group: _Group, make_view: View, front: Entry | None) -> Values:
    view, heading = make_view(), group.heading
    if front:
        tools = shared.views.tools
        introduction = tools.finish(tools.load(front), addresses.root_of(url))
        view = replace(view, introduction=Markup(introduction))  # noqa: S704 (sanitised when it was read)
    first = page_url(shared.edition.prefix + group.base, 0)
    feeds = shared.feeds(f"sections/{group.key}", heading) if group.template == "category" else shared.feeds()
    graph = data.script([data.breadcrumbs(shared.views.config, shared.edition, [heading], [first])])
    description = shared.words.say("Articles: %(name)s", name=heading)
    kind = {"tag": shared.words.say("Topic"), "series": shared.words.say("Series")}.get(group.template, "")
    named = replace(view, heading=f"{kind}: {heading}") if kind else view  # a topic may be called as a section
    head = shared.list_head(url, named, description, group.alternates, feeds=feeds, graph=graph)
    return shared.values(head, listing=view, section=Link(heading, first))


def _has(groups: Callable[[Edition], Mapping[str, list[Entry]]], key: str, edition: Edition) -> bool:
    return bool(groups(edition).get(key))


def _has_author(key: str, edition: Edition) -> bool:
    return key in edition.authors


def _authors(shared: Shared, of: Entry | None) -> Iterator[Output]:
    edition = shared.edition
    for key, articles in _lists(edition.authors, "author", of):
        profile = edition.profiles[key]
        alternates = shared.alternates(addresses.author(key), partial(_has_author, key))
        for url, part, view in shared.listing(addresses.author(key), profile.title, articles, alternates, of):
            parts = (shared.slice_digest(part), alternates, shared.views.whole_digest(profile), profile.lang)
            listed = None if part.number else Listed(alternates, hero=profile.hero)
            make = partial(_author_values, shared, url, key, view, alternates)
            yield shared.output(url, "author", parts, make, listed)


def _author_values(shared: Shared, url: str, key: str, make_view: View, alternates: Mapping[str, str]) -> Values:
    edition, view = shared.edition, make_view()
    first = page_url(edition.prefix + addresses.author(key), 0)
    author = _author(shared, edition.profiles[key], addresses.root_of(first))
    description = author.role or shared.words.say("Articles: %(name)s", name=author.name)
    feeds = shared.feeds(f"authors/{key}", author.name)
    graph = data.script(data.author_graph(author, first, shared.views.config))
    shown: Values = {"picture": author.photo.picture, "alt": author.photo.alt} if author.photo else {}
    head = shared.list_head(url, view, description, alternates, feeds=feeds, graph=graph, **shown)
    return shared.values(head, author=author, listing=view)


def _author(shared: Shared, entry: Entry, root: str) -> AuthorView:
    tools = shared.views.tools
    profile = tools.load(entry)
    fields = profile.fields
    if not isinstance(fields, AuthorFields):
        raise TypeError(f"{entry.source} is no author's profile")
    return AuthorView(
        name=fields.name,
        role=shared.views.text(fields.role),
        organisation=fields.kind == "organisation",
        email=fields.email or "",
        photo=shared.views.figure(entry, "portrait"),
        links=tuple(Link(link.name, link.url) for link in fields.links),
        biography=Markup(tools.finish(profile, root)),  # noqa: S704 (sanitised when it was read)
        biography_lang="" if profile.lang == shared.edition.lang else profile.lang,
    )


def _search(shared: Shared) -> Output:
    """Every list of the edition by its name: how an article is found without a program that searches."""
    edition, say = shared.edition, shared.words.say
    names = edition.topic_names
    series = {key: _series_name(shared, key) for key in edition.series}
    authors = {key: edition.profiles[key].title for key in edition.authors}
    years = periods(edition, shared.views.config.digits(edition.lang))
    found = (
        (say("Sections"), shared.site.sections),
        (say("Topics"), _by_name(shared, addresses.topic, {key: names[key] for key in edition.topics})),
        (say("Series"), _by_name(shared, addresses.series, series)),
        (say("Authors"), _by_name(shared, addresses.author, authors)),
        (say("Archive"), tuple(Link(year.text, year.url) for year in years)),
    )
    groups = tuple((heading, links) for heading, links in found if links)
    alternates = shared.alternates(addresses.SEARCH, lambda _: True)
    url = page_url(edition.prefix + addresses.SEARCH, 0)
    parts = ([[(link.text, link.url) for link in links] for _, links in groups], alternates)
    make = partial(_search_values, shared, url, groups, alternates)
    return shared.output(url, "search", parts, make, Listed(alternates))


def _by_name(shared: Shared, base: Callable[[str], str], names: Mapping[str, str]) -> tuple[Link, ...]:
    links = (Link(name, page_url(shared.edition.prefix + base(key), 0)) for key, name in names.items())
    return tuple(sorted(links, key=lambda each: (each.text.casefold(), each.url)))


def _search_values(
    shared: Shared, url: str, groups: tuple[tuple[str, tuple[Link, ...]], ...], alternates: Mapping[str, str]
) -> Values:
    heading = shared.words.say("Find an article")
    head = shared.front_head(url, heading, shared.words.say("By section, topic, series, author or year"), alternates)
    return shared.values(head, heading=heading, groups=groups, translations=shared.links(alternates))


def corrections_page(shared: Shared) -> Output:
    """The list of all corrections; their articles' texts are not looked at."""
    corrected = [each for each in shared.edition.articles if each.corrections]
    alternates = shared.alternates(addresses.CORRECTIONS, lambda _: True)
    parts = ([(each.title, each.url, each.corrections) for each in corrected], alternates)
    url = page_url(shared.edition.prefix + addresses.CORRECTIONS, 0)
    make = partial(_corrections_values, shared, url, corrected, alternates)
    return shared.output(url, "corrections", parts, make, Listed(alternates))


def _corrections_values(shared: Shared, url: str, corrected: list[Entry], alternates: Mapping[str, str]) -> Values:
    views = shared.views
    dated = []
    for entry in corrected:
        notes = views.corrections(entry, views.link(entry))
        dated += [(date, entry.url, note) for (date, _), note in zip(entry.corrections, notes, strict=True)]
    newest = tuple(note for _, _, note in sorted(dated, key=lambda each: each[:2], reverse=True))
    heading = shared.words.say("Corrections")
    head = shared.front_head(url, heading, shared.words.say("What we got wrong, and put right"), alternates)
    return shared.values(head, heading=heading, corrections=newest, translations=shared.links(alternates))
