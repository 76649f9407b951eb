"""Pages of one document each: articles, pages; and what stands in for one: 404 and redirects.

Each function plans a page: it names the parts that the page depends on, and what makes its values. The maker looks at
nothing that the parts do not stand for.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from markupsafe import Markup

from newsroom.articles.schema import Entry, PageFields
from newsroom.fronts import addresses
from newsroom.fronts import structured_data as data
from newsroom.fronts.heads import make_head
from newsroom.fronts.shared import Shared
from newsroom.fronts.views import Link, Listed, Note, Output, PageView

RECENT = 5  # articles that a 404 page offers
Values = Mapping[str, Any]


def document_pages(shared: Shared) -> Iterator[Output]:
    """Every article's and every page's page, and the 404 page."""
    articles = shared.edition.articles
    for older, article, newer in zip([None, *articles], articles, [*articles[1:], None], strict=False):
        yield _article(shared, article, older, newer)
        yield from social_card(shared, article)
    for page in shared.edition.pages:
        yield _page(shared, page)
    yield not_found_page(shared)


def article_page(shared: Shared, entry: Entry) -> Output:
    """The page of one article among the others of its edition."""
    older, newer = neighbours(shared.edition.articles, entry)
    return _article(shared, entry, older, newer)


def social_card(shared: Shared, entry: Entry) -> Iterator[Output]:
    """The card of an article that has no picture for other sites to show."""
    if drawn := shared.views.social_card(entry):
        url, version, make = drawn
        yield Output(url, "", version, make)


def neighbours(articles: Sequence[Entry], entry: Entry) -> tuple[Entry | None, Entry | None]:
    """The articles before and after one of them, which come oldest first."""
    at = bisect_left(articles, (entry.date, entry.url), key=lambda each: (each.date, each.url))
    return articles[at - 1] if at else None, articles[at + 1] if at + 1 < len(articles) else None


def _alternates(shared: Shared, entry: Entry) -> dict[str, str]:
    return {lang: each.url for lang, each in shared.views.versions(entry).items()}


def _article(shared: Shared, entry: Entry, older: Entry | None, newer: Entry | None) -> Output:
    views = shared.views
    alternates = _alternates(shared, entry)
    around = [views.card_digest(each) if each else b"" for each in (older, newer, *views.others(entry))]
    parts = (views.whole_digest(entry), views.card_digest(entry), around, alternates)
    listed = None if views.state(entry)[0] else Listed(alternates, entry, entry.hero)
    make = partial(_article_values, shared, entry, older, newer)
    return shared.output(entry.url, "article", parts, make, listed)


def _article_values(shared: Shared, entry: Entry, older: Entry | None, newer: Entry | None) -> Values:
    views, config = shared.views, shared.views.config
    view = views.article(entry, older, newer)
    versions = views.versions(entry)
    graph = data.article_graph(entry, view, shared.edition, config, shared.logo, versions)
    head = make_head(
        config,
        title=view.title,
        description=view.summary,
        lang=entry.lang,
        url=entry.url,
        alternates=_alternates(shared, entry),
        feeds=shared.feeds(f"sections/{entry.section}", view.section.text),
        graph=data.script(graph),
        picture=view.social,
        alt=view.hero.alt if view.hero else view.title,
        article=view,
        index=not view.state,
    )
    return shared.values(head, article=view)


def _page(shared: Shared, entry: Entry) -> Output:
    fields = shared.views.tools.load(entry).fields
    template = fields.template if isinstance(fields, PageFields) else "page"
    alternates = _alternates(shared, entry)
    parts = (shared.views.whole_digest(entry), entry.title, alternates)
    listed = None if shared.views.state(entry)[0] else Listed(alternates)
    return shared.output(entry.url, template, parts, partial(_page_values, shared, entry), listed)


def _page_values(shared: Shared, entry: Entry) -> Values:
    views = shared.views
    document = views.tools.load(entry)
    body = Markup(views.tools.finish(document, addresses.root_of(entry.url)))  # noqa: S704 (sanitised when it was read)
    view = PageView(
        title=views.text(entry.title),
        summary=views.text(entry.summary),
        lang=entry.lang,
        url=entry.url,
        body=body,
        translator=getattr(document.fields, "translator", None) or "",
        translations=views.translated(entry),
        state=views.state(entry)[0],
    )
    crumbs = data.breadcrumbs(views.config, shared.edition, [view.title], [entry.url])
    pictures = [data.figure(views.config, each) for each in views.insets(document)]
    head = make_head(
        views.config,
        title=view.title,
        description=view.summary,
        lang=entry.lang,
        url=entry.url,
        alternates=_alternates(shared, entry),
        feeds=shared.feeds(),
        graph=data.script([crumbs, *pictures]),
        index=not view.state,
    )
    return shared.values(head, page=view)


def not_found_page(shared: Shared) -> Output:
    """A host answers with this page at any depth, so its links start from the site's path, not from its own."""
    recent = shared.edition.articles[: -RECENT - 1 : -1]
    url = shared.edition.prefix + addresses.NOT_FOUND
    parts = [shared.views.card_digest(each) for each in recent]
    return shared.output(url, "not_found", parts, partial(_not_found_values, shared, url, recent))


def _not_found_values(shared: Shared, url: str, recent: list[Entry]) -> Values:
    config, edition = shared.views.config, shared.edition
    title = shared.words.say("Page not found")
    head = make_head(config, title=title, description=title, lang=edition.lang, url=url, alternates={}, index=False)
    cards = tuple(shared.views.card(article) for article in recent)
    base = f"{urlsplit(config.url).path.rstrip('/')}/"
    return {**shared.values(head, base=base, recent=cards), "SITEURL": "."}


def retraction_pages(shared: Shared, entry: Entry) -> Iterator[Output]:
    """The notices in the place of an article that was retracted, at each of its addresses. No word of it is theirs."""
    for url in addresses.places(entry.url, entry.aliases):
        make = partial(_retraction_values, shared, url, entry)
        yield shared.output(url, "retracted", (entry.retraction,), make)


def _retraction_values(shared: Shared, url: str, entry: Entry) -> Values:
    views, lang = shared.views, shared.edition.lang
    date, notice = entry.retraction or (entry.date, "")
    title = shared.words.say("This article was withdrawn")
    head = make_head(views.config, title=title, description=title, lang=lang, url=url, alternates={}, index=False)
    return shared.values(head, retraction=Note(views.moment(date), views.text(notice)))


def redirect_page(shared: Shared, url: str, title: str, target: str) -> Output:
    """The stub at an old address that sends readers on to `target`, a file in the output."""
    return shared.output(url, "redirect", (title, target), partial(_redirect_values, shared, title, target))


def _redirect_values(shared: Shared, title: str, target: str) -> Values:
    config, lang = shared.views.config, shared.edition.lang
    head = make_head(config, title=title, description=title, lang=lang, url=target, alternates={}, index=False)
    return shared.values(head, target=Link(title, target))
