"""An edition: the public documents of one language, indexed once, so that no page walks the whole site."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from newsroom.articles.schema import Article, Author, Page
from newsroom.articles.slugs import slugify
from newsroom.config import Config
from newsroom.errors import Problem
from newsroom.fronts.related import Subject, words_of
from newsroom.fronts.related import relate as relate_subjects


@dataclass
class Edition:
    """Articles oldest first, and the same by section, topic slug, author id, series slug, and (year, month)."""

    lang: str
    prefix: str  # of every address: "" or "km/"
    articles: list[Article]
    pages: list[Page]
    profiles: dict[str, Author]  # by id, in this language where there is one, else in the default language
    sections: dict[str, list[Article]] = field(default_factory=lambda: defaultdict(list))
    topics: dict[str, list[Article]] = field(default_factory=lambda: defaultdict(list))
    authors: dict[str, list[Article]] = field(default_factory=lambda: defaultdict(list))
    series: dict[str, list[Article]] = field(default_factory=lambda: defaultdict(list))
    months: dict[tuple[int, int], list[Article]] = field(default_factory=lambda: defaultdict(list))
    topic_names: dict[str, str] = field(default_factory=dict)
    related: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    by_url: dict[str, Article] = field(default_factory=dict)


def make_edition(
    lang: str, articles: Iterable[Article], pages: Iterable[Page], authors: Iterable[Author], config: Config
) -> Edition:
    """Index the documents of one language. `articles` come oldest first."""
    default = config.languages[0]
    profiles = {each.slug: each for each in authors if each.lang == default}
    profiles |= {each.slug: each for each in authors if each.lang == lang}
    own = [each for each in articles if each.lang == lang]
    prefix = "" if lang == default else f"{lang}/"
    edition = Edition(lang, prefix, own, [page for page in pages if page.lang == lang], profiles)
    for article in own:
        _enter(article, edition, config)
    for identifier, profile in profiles.items():
        if profile.lang == lang:
            edition.authors.setdefault(identifier, [])
    for parts in edition.series.values():
        parts.sort(key=lambda each: (each.fields.series.part if each.fields.series else 0, each.url))
    urls = {article.slug: article.url for article in own}
    edition.related = relate_subjects([_subject(article, urls) for article in own])
    return edition


def _enter(article: Article, edition: Edition, config: Config) -> None:
    fields = article.fields
    edition.by_url[article.url] = article
    edition.sections[fields.category].append(article)
    for byline in fields.authors:
        if article not in edition.authors[byline.author][-1:]:
            edition.authors[byline.author].append(article)
    for slug, tag in topics_of(article).items():
        edition.topics[slug].append(article)
        edition.topic_names.setdefault(slug, config.newsroom.topics.get(slug, {}).get(edition.lang, tag))
    if fields.series:
        edition.series[slugify(fields.series.name)].append(article)
    local = fields.date.astimezone(config.timezone)
    edition.months[local.year, local.month].append(article)


def topics_of(article: Article) -> dict[str, str]:
    """The article's topics: slug → as written, in the order written."""
    return {slugify(tag): tag for tag in article.fields.tags}


def _subject(article: Article, urls: Mapping[str, str]) -> Subject:
    fields = article.fields
    return Subject(
        identifier=article.url,
        topics=frozenset(topics_of(article)),
        series=slugify(fields.series.name) if fields.series else "",
        section=fields.category,
        words=words_of(f"{fields.title} {fields.summary}"),
        pinned=tuple(urls[slug] for slug in fields.related if slug in urls),
    )


def topic_problems(edition: Edition) -> Iterator[Problem]:
    """Different topics, or different series, that would share one page."""
    first: dict[tuple[str, str], tuple[str, Article]] = {}
    for article in edition.articles:
        fields = article.fields
        names = [("topic", tag, f"tags.{n}") for n, tag in enumerate(fields.tags)]
        names += [("series", fields.series.name, "series.name")] if fields.series else []
        for kind, name, field_name in names:
            known, owner = first.setdefault((kind, slugify(name)), (name, article))
            if known.casefold() != name.casefold():
                message = f"the {kind} {name!r} has the address of {known!r} in {owner.path}"
                remedy = f"write {known!r}, or choose another word"
                yield Problem(article.path, article.line(field_name), message, remedy)
