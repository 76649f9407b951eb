"""Pages of one document each: articles, pages; and what stands in for one: 404 and redirects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast
from urllib.parse import urlsplit

from markupsafe import Markup

from newsroom.articles.schema import AnyDocument, Article, Page
from newsroom.fronts import addresses
from newsroom.fronts import structured_data as data
from newsroom.fronts.heads import make_head
from newsroom.fronts.shared import Shared
from newsroom.fronts.views import Link, PageInputs, PageView

RECENT = 5  # articles that a 404 page offers


def document_pages(shared: Shared) -> Iterator[PageInputs]:
    """Every article's and every page's page, and the 404 page."""
    articles = shared.edition.articles
    for older, article, newer in zip([None, *articles], articles, [*articles[1:], None], strict=False):
        yield _article(shared, article, older, newer)
    for page in shared.edition.pages:
        yield _page(shared, page)
    yield _not_found(shared)


def _versions(shared: Shared, document: AnyDocument) -> Mapping[str, AnyDocument]:
    return shared.views.translations.get(document.key, {document.lang: document})


def _article(shared: Shared, article: Article, older: Article | None, newer: Article | None) -> PageInputs:
    view = shared.views.article(article, older, newer)
    config = shared.views.config
    versions = cast(Mapping[str, Article], _versions(shared, article))
    graph = data.article_graph(article, view, shared.edition, config, shared.logo, versions)
    head = make_head(
        config,
        title=view.title,
        description=view.summary,
        lang=article.lang,
        url=article.url,
        alternates={lang: each.url for lang, each in versions.items()},
        feeds=shared.feeds(f"sections/{article.fields.category}", view.section.text),
        graph=data.script(graph),
        figure=view.hero,
        article=view,
        index=not view.state,
    )
    return shared.inputs(article.url, "article", head, article=view)


def _page(shared: Shared, page: Page) -> PageInputs:
    fields, views = page.fields, shared.views
    state = "" if fields.status == "published" else fields.status
    body = Markup(views.tools.finish(page, addresses.root_of(page.url)))  # noqa: S704 (sanitised when it was read)
    view = PageView(
        title=views.text(fields.title),
        summary=views.text(fields.summary),
        lang=page.lang,
        url=page.url,
        body=body,
        translator=fields.translator or "",
        translations=views.translated(page),
        state=state,
    )
    crumbs = data.breadcrumbs(views.config, shared.edition, [view.title], [page.url])
    head = make_head(
        views.config,
        title=view.title,
        description=view.summary,
        lang=page.lang,
        url=page.url,
        alternates={lang: each.url for lang, each in _versions(shared, page).items()},
        feeds=shared.feeds(),
        graph=data.script([crumbs]),
        index=not state,
    )
    return shared.inputs(page.url, fields.template, head, page=view)


def _not_found(shared: Shared) -> PageInputs:
    """A host answers with this page at any depth, so its links start from the site's path, not from its own."""
    config, edition = shared.views.config, shared.edition
    url = edition.prefix + addresses.NOT_FOUND
    title = shared.words.say("Page not found")
    head = make_head(config, title=title, description=title, lang=edition.lang, url=url, alternates={}, index=False)
    recent = tuple(shared.views.card(article) for article in reversed(edition.articles[-RECENT:]))
    base = f"{urlsplit(config.url).path.rstrip('/')}/"
    return shared.inputs(url, "not_found", head, base=base, recent=recent, SITEURL=".")


def redirect_page(shared: Shared, url: str, title: str, target: str) -> PageInputs:
    """The stub at an old address that sends readers on to `target`, a file in the output."""
    config, lang = shared.views.config, shared.edition.lang
    head = make_head(config, title=title, description=title, lang=lang, url=target, alternates={}, index=False)
    return shared.inputs(url, "redirect", head, target=Link(title, target))
