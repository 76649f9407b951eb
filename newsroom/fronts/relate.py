"""Relating: from the archive to the inputs of every page and the bytes of every other file.

Nothing is rendered or written here, so that every clash of addresses is found before the first page is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from newsroom.articles.schema import (
    AnyDocument,
    Article,
    ArticleFields,
    AuthorFields,
    PageFields,
    Picture,
)
from newsroom.config import Config
from newsroom.fronts import addresses
from newsroom.fronts.cards import Tools, Views
from newsroom.fronts.documentpages import document_pages, redirect_page
from newsroom.fronts.edition import Edition, make_edition
from newsroom.fronts.feeds import FORMS, Entry, content, make_feed
from newsroom.fronts.interface import read_catalog
from newsroom.fronts.listpages import list_pages
from newsroom.fronts.shared import Shared
from newsroom.fronts.sitemaps import Location, NewsItem, news_sitemap, robots, sitemap, sitemap_index
from newsroom.fronts.views import PageInputs

NEWS_AGE = timedelta(hours=48)
NEWS_MOST = 1000


@dataclass(frozen=True)
class Handed:
    """What the other rooms hand to this one, wired in newsroom/plugin.py.

    `finish(html, root, address, picture)` resolves a body, `locate(written, source)` an address in a field,
    `polish(text, lang)` the quotation marks of a text, `picture(source)` is how a picture is published.
    """

    finish: Callable[[str, str, Callable[[str], str], Callable[[str], Picture]], str]
    locate: Callable[[str, str], tuple[str, str]]
    polish: Callable[[str, str], str]
    picture: Callable[[str], Picture]
    logo: Picture
    stylesheet: str


@dataclass
class Plan:
    """Everything the output will hold besides pictures and the theme: pages by file, other files' bytes."""

    pages: dict[str, PageInputs] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)


def relate(public: Collection[AnyDocument], editions: Mapping[str, Edition], config: Config, handed: Handed) -> Plan:
    """Plan the output from the documents that readers may see; no two of them clash (fronts/clashes.py)."""
    plan = Plan()
    shared = _shared(public, editions, config, handed)
    for each in shared.values():
        plan.pages |= {page.url: page for page in (*list_pages(each), *document_pages(each))}
        _add_feeds(plan, each)
    for document in public:
        for alias in getattr(document.fields, "aliases", ()):
            url, title = addresses.redirect(alias), getattr(document.fields, "title", "")
            plan.pages[url] = redirect_page(shared[document.lang], url, title, document.url)
    _add_sitemaps(plan, shared, config)
    return plan


def make_editions(public: Collection[AnyDocument], config: Config) -> dict[str, Edition]:
    """The editions by language, the default one first; a language in which nothing is written has none."""
    articles = [each for each in public if isinstance(each.fields, ArticleFields)]
    articles.sort(key=lambda article: (article.fields.date, article.url))
    pages = [each for each in public if isinstance(each.fields, PageFields)]
    pages.sort(key=lambda page: (page.fields.position, page.url))
    authors = [each for each in public if isinstance(each.fields, AuthorFields)]
    spoken = {each.lang for each in articles} | {each.lang for each in pages} | {config.languages[0]}
    return {lang: make_edition(lang, articles, pages, authors, config) for lang in config.languages if lang in spoken}


def _shared(
    public: Collection[AnyDocument], editions: Mapping[str, Edition], config: Config, handed: Handed
) -> dict[str, Shared]:
    translations: dict[str, dict[str, AnyDocument]] = defaultdict(dict)
    urls: dict[str, str] = {}
    for document in sorted(public, key=lambda each: config.languages.index(each.lang)):
        translations[document.key][document.lang] = document
        prefix = editions[document.lang].prefix if document.lang in editions else ""
        urls[document.source] = document.url or f"{prefix}{addresses.author(document.slug)}index.html"
    tools = Tools(
        picture=lambda document, written: handed.picture(handed.locate(written, document.source)[0]),
        finish=lambda document, root: handed.finish(document.body.html, root, urls.__getitem__, handed.picture),
        polish=handed.polish,
    )
    return {
        lang: Shared(
            Views(edition, config, tools, translations),
            editions,
            read_catalog(config.theme, lang),
            handed.logo,
            handed.stylesheet,
        )
        for lang, edition in editions.items()
    }


def _add_feeds(plan: Plan, shared: Shared) -> None:
    edition, config = shared.edition, shared.views.config
    scopes = [("all", "", "", edition.articles)]
    for key, articles in edition.sections.items():
        scopes.append((f"sections/{key}", shared.views.section(key).text, addresses.section(key), articles))
    for key, articles in edition.authors.items():
        scopes.append((f"authors/{key}", edition.profiles[key].fields.name, addresses.author(key), articles))
    entries: dict[str, Entry] = {}
    for scope, name, base, articles in scopes:
        newest = [_entry(each, plan, shared, entries) for each in articles[: -config.feed_size - 1 : -1]]
        for form in FORMS:
            feed = shared.feed(scope, name, form)
            home = f"{edition.prefix}{base}index.html"
            plan.files[feed.url] = make_feed(form, feed, home, newest, config, edition.lang)


def _entry(article: Article, plan: Plan, shared: Shared, made: dict[str, Entry]) -> Entry:
    if article.url not in made:
        view = plan.pages[article.url].values["article"]
        site = shared.views.config.url
        text = content(view, shared.views.tools.finish(article, site), site, shared.words.say)
        made[article.url] = Entry(article, view, text, changed(article))
    return made[article.url]


def changed(article: Article) -> datetime:
    """When an article last changed for readers: its date, update or latest correction."""
    fields = article.fields
    return max([fields.modified or fields.date, fields.date, *(each.date for each in fields.corrections)])


def _add_sitemaps(plan: Plan, shared: Mapping[str, Shared], config: Config) -> None:
    articles = {each.url: each for one in shared.values() for each in one.edition.articles}
    years: dict[int, list[Location]] = defaultdict(list)
    others: list[Location] = []
    for url, page in sorted(plan.pages.items()):
        if not page.values["head"].index or (page.values.get("listing") and page.values["listing"].number):
            continue
        if url in articles:
            years[articles[url].fields.date.astimezone(config.timezone).year].append(_location(page, articles[url]))
        else:
            others.append(_location(page, None))
    parts: list[tuple[str, datetime | None]] = [(addresses.PAGES_SITEMAP, None)]
    plan.files[addresses.PAGES_SITEMAP] = sitemap(others)
    for year, locations in sorted(years.items()):
        name = addresses.year_sitemap(year)
        plan.files[name] = sitemap(locations)
        parts.append((name, max(each.changed for each in locations if each.changed)))
    index = [(f"{config.url}/{name}", when) for name, when in parts]
    plan.files[addresses.SITEMAP] = sitemap_index(index)
    news = [_add_news(plan, one) for one in shared.values()]
    named = [f"{config.url}/{name}" for name in (addresses.SITEMAP, *news)]
    plan.files[addresses.ROBOTS] = robots(named)


def _location(page: PageInputs, article: Article | None) -> Location:
    head = page.values["head"]
    images = tuple(value for name, value in head.properties if name == "og:image")
    return Location(head.canonical, changed(article) if article else None, head.alternates, images)


def _add_news(plan: Plan, shared: Shared) -> str:
    edition, config = shared.edition, shared.views.config
    recent = [
        NewsItem(
            _location(plan.pages[each.url], each),
            config.site_name(edition.lang),
            edition.lang,
            each.fields.date,
            plan.pages[each.url].values["article"].title,
        )
        for each in reversed(edition.articles)
        if config.now - NEWS_AGE <= each.fields.date <= config.now
        and each.fields.type != "sponsored"
        and plan.pages[each.url].values["head"].index
    ][:NEWS_MOST]
    name = edition.prefix + addresses.NEWS_SITEMAP
    plan.files[name] = news_sitemap(recent)
    return name
