"""An edition: the public documents of one language, indexed once, so that no page walks the whole site."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from newsroom.articles.schema import AnyDocument, Entry
from newsroom.config import Config
from newsroom.errors import Problem


@dataclass
class Edition:
    """Articles oldest first, and the same by section, topic slug, author id, series slug, and (year, month)."""

    lang: str
    prefix: str  # of every address: "" or "km/"
    articles: list[Entry]
    pages: list[Entry]
    profiles: dict[str, Entry]  # by id, in this language where there is one, else in the default language
    sections: dict[str, list[Entry]] = field(default_factory=lambda: defaultdict(list))
    topics: dict[str, list[Entry]] = field(default_factory=lambda: defaultdict(list))
    authors: dict[str, list[Entry]] = field(default_factory=lambda: defaultdict(list))
    series: dict[str, list[Entry]] = field(default_factory=lambda: defaultdict(list))
    months: dict[tuple[int, int], list[Entry]] = field(default_factory=lambda: defaultdict(list))
    topic_names: dict[str, str] = field(default_factory=dict)
    fronts: dict[str, Entry] = field(default_factory=dict)  # by what they introduce: index, topics/x


def make_edition(
    lang: str, articles: Iterable[Entry], pages: Iterable[Entry], authors: Iterable[Entry], config: Config
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
        parts.sort(key=lambda each: (each.series.number if each.series else 0, each.url))
    return edition


def _enter(article: Entry, edition: Edition, config: Config) -> None:
    edition.sections[article.section].append(article)
    for author in dict.fromkeys(author for author, _ in article.authors):
        edition.authors[author].append(article)
    for slug, tag in topics_of(article).items():
        edition.topics[slug].append(article)
        if slug not in edition.topic_names:
            edition.topic_names[slug] = config.newsroom.topics.get(slug, {}).get(edition.lang, tag)
    if article.series:
        edition.series[article.series.slug].append(article)
    edition.months[article.month].append(article)


def topics_of(article: Entry) -> dict[str, str]:
    """The article's topics: slug → as written, in the order written."""
    return dict(article.topics)


def topic_problems(edition: Edition, load: Callable[[Entry], AnyDocument]) -> Iterator[Problem]:
    """Different topics, or different series, that would share one page."""
    first: dict[tuple[str, str], tuple[str, Entry]] = {}
    for article in edition.articles:
        names = [("topic", slug, tag, f"tags.{n}") for n, (slug, tag) in enumerate(article.topics)]
        if article.series:
            names.append(("series", article.series.slug, article.series.name, "series.name"))
        for kind, slug, name, field_name in names:
            known, owner = first.setdefault((kind, slug), (name, article))
            if known != name and known.casefold() != name.casefold():
                document = load(article)
                message = f"the {kind} {name!r} has the address of {known!r} in {load(owner).path}"
                remedy = f"write {known!r}, or choose another word"
                yield Problem(document.path, document.line(field_name), message, remedy)
