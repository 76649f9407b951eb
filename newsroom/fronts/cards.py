"""Views of documents: from entries and fields to what templates print, and digests of what the views depend on."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
from markupsafe import Markup

from newsroom.articles.schema import AnyDocument, Article, ArticleFields, Entry, Picture
from newsroom.config import Config
from newsroom.fronts import addresses
from newsroom.fronts.edition import Edition, topics_of
from newsroom.fronts.interface import LABELS, language_name, moment
from newsroom.fronts.sharing import mail_link, share_links
from newsroom.fronts.views import ArticleView, Card, Figure, Link, Moment, Name, Note

MOST_CARDS = 5_000  # kept at hand
WORDS_A_MINUTE = 230
_YEAR = 365.2425 * 86_400  # seconds
_TAG = re.compile(r"<[^>]*>")

_encode = msgspec.msgpack.Encoder().encode


def digest_of(*parts: Any) -> bytes:
    """16 bytes that stand for plain values: texts, bytes, numbers, and tuples, lists and structs of them."""
    return hashlib.blake2b(_encode(parts), digest_size=16).digest()


@dataclass(frozen=True)
class Tools:
    """What other rooms hand to this one.

    `load(entry)` is the whole document; `picture(source)` how a picture of content's is published;
    `finish(document, root)` a body with links and pictures from `root`, where `address(source)` is the file that a
    document is published as; `polish(text, lang)` a text with typographic quotation marks.
    """

    load: Callable[[Entry], AnyDocument]
    picture: Callable[[str], Picture]
    finish: Callable[[AnyDocument, str], str]
    address: Callable[[str], str]
    polish: Callable[[str, str], str]


def years_since(date: int, now: float) -> int:
    """Full years from `date` to `now`, both in seconds since 1970; of a date to come, 0."""
    return max(0, int((now - date) / _YEAR))


def reading_minutes(body: str) -> int:
    """How long reading takes: at least a minute. Words end at spaces, at ends of blocks and, in Khmer, at <wbr>
    or where the author typed a zero-width space."""
    text = _TAG.sub("", body)
    words = sum(map(text.count, (" ", "\n", "\u200b"))) + body.count("<wbr>")
    return max(1, round(words / WORDS_A_MINUTE))


def _run_in(dateline: str | None, body: str) -> Markup:
    """A body that begins with where it was written: in its first paragraph, where it begins with one."""
    place = Markup('<b class="dateline">{}</b> ').format(dateline) if dateline else ""
    if body.startswith("<p>"):
        return Markup(f"<p>{place}{body[3:]}")  # noqa: S704 (sanitised when it was read)
    return Markup(f"<p>{place}</p>\n{body}" if place else body)  # noqa: S704


@dataclass(frozen=True)
class Views:
    """Makes the views of one edition. `translations` maps a document's key to its entries by language, `related` an
    article's address to those of others."""

    edition: Edition
    config: Config
    tools: Tools
    translations: Mapping[str, Mapping[str, Entry]]
    by_url: Mapping[str, Entry]
    related: Mapping[str, tuple[str, ...]]
    _cards: dict[str, Card] = field(default_factory=dict)
    _digests: dict[str, bytes] = field(default_factory=dict)

    def card_digest(self, article: Entry) -> bytes:
        """Changes with whatever a card of the article shows, or a link to it."""
        found = self._digests.get(article.source)
        if found is None:
            own = (article.title, article.summary, article.url, article.lang, article.section, article.date)
            names = [self.edition.profiles[author].title for author, _ in article.authors]
            hero = self.picture_digest(article.hero.source) if article.hero else b""
            found = digest_of(own, article.type, article.authors, article.hero, hero, names)
            self._digests[article.source] = found
        return found

    def forget(self, article: Entry) -> None:
        """Make the article's card anew when it is asked for."""
        self._cards.pop(article.source, None)
        self._digests.pop(article.source, None)

    def whole_digest(self, entry: Entry) -> bytes:
        """Changes with whatever the document's own page shows of it, the addresses its text leads to included."""
        pictures = [self.picture_digest(each) for each in entry.images]
        profiles = [(self.edition.profiles[author].title, *self._profile(author)) for author, _ in entry.authors]
        topics = [self.edition.topic_names[slug] for slug in topics_of(entry)]
        links = [self.tools.address(source) for source, _ in entry.links]
        return digest_of(entry.version, pictures, profiles, topics, links, self.state(entry), self._age(entry))

    def _age(self, entry: Entry) -> int:
        return years_since(entry.date, self.config.now.timestamp()) if entry.date else 0

    def _profile(self, author: str) -> tuple[bool, tuple[tuple[str, str], ...]]:
        profile = self.edition.profiles[author]
        return profile.organisation, profile.profiles

    def picture_digest(self, source: str) -> bytes:
        picture = self.tools.picture(source)
        return digest_of(picture.url, picture.width, picture.height, picture.media_type)

    def moment(self, when: datetime | int) -> Moment:
        if isinstance(when, int):
            when = datetime.fromtimestamp(when, self.config.timezone)
        return moment(when, self.edition.lang, self.config.timezone, self.config.digits(self.edition.lang))

    def text(self, written: str | None) -> str:
        return self.tools.polish(written, self.edition.lang) if written else ""

    def section(self, identifier: str) -> Link:
        name = self.config.section_name(identifier, self.edition.lang)
        return Link(name, f"{self.edition.prefix}{addresses.section(identifier)}index.html")

    def names(self, article: Entry) -> tuple[Name, ...]:
        found = []
        for author, role in article.authors:
            url = f"{self.edition.prefix}{addresses.author(author)}index.html"
            found.append(Name(self.edition.profiles[author].title, url, self.text(role)))
        return tuple(found)

    def hero(self, article: Entry) -> Figure | None:
        hero = article.hero
        if hero is None:
            return None
        picture = self.tools.picture(hero.source)
        return Figure(picture, self.text(hero.alt), self.text(hero.credit), self.text(hero.caption), hero.licence)

    def card(self, article: Entry) -> Card:
        """The article's card, made once: it stands in many listings."""
        if article.source not in self._cards:
            if len(self._cards) >= MOST_CARDS:
                self._cards.clear()
            self._cards[article.source] = self._card(article)
        return self._cards[article.source]

    def _card(self, article: Entry) -> Card:
        return Card(
            title=self.text(article.title),
            url=article.url,
            summary=self.text(article.summary),
            lang=article.lang,
            section=self.section(article.section),
            published=self.moment(article.date),
            authors=self.names(article),
            label=LABELS[article.type],
            figure=self.hero(article),
        )

    def link(self, article: Entry) -> Link:
        return Link(self.text(article.title), article.url)

    def topics(self, article: Entry) -> tuple[Link, ...]:
        names, prefix = self.edition.topic_names, self.edition.prefix
        return tuple(Link(names[slug], f"{prefix}{addresses.topic(slug)}index.html") for slug in topics_of(article))

    def versions(self, entry: Entry) -> Mapping[str, Entry]:
        """The document in each language, its own included."""
        return self.translations.get(entry.key, {entry.lang: entry})

    def translated(self, entry: Entry) -> tuple[Link, ...]:
        others = self.versions(entry)
        return tuple(Link(language_name(lang), other.url, lang) for lang, other in others.items() if lang != entry.lang)

    def others(self, article: Entry) -> list[Entry]:
        """What readers may also like."""
        return [self.by_url[url] for url in self.related[article.url]]

    def corrections(self, article: Article, link: Link | None = None) -> tuple[Note, ...]:
        """The corrections, oldest first; `link` names the article, for lists of many."""
        return tuple(
            Note(self.moment(each.date), self.text(each.text), article=link)
            for each in sorted(article.fields.corrections, key=lambda each: each.date)
        )

    def article(self, entry: Entry, older: Entry | None = None, newer: Entry | None = None) -> ArticleView:
        """The article's page; feeds have no use for what stands around it, and give no neighbours."""
        document = self.load(entry)
        fields, edition = document.fields, self.edition
        state, due = self.state(entry)
        series = entry.series
        series_url = f"{edition.prefix}{addresses.series(series.slug)}index.html" if series else ""
        finished = self.tools.finish(document, addresses.root_of(entry.url))
        title, address = self.text(entry.title), addresses.absolute(self.config.url, entry.url)
        return ArticleView(
            title=title,
            summary=self.text(entry.summary),
            lang=entry.lang,
            url=entry.url,
            section=self.section(entry.section),
            authors=self.names(entry),
            published=self.moment(entry.date),
            body=_run_in(fields.dateline, finished),
            minutes=reading_minutes(finished),
            age=self._age(entry),
            address=address,
            shares=share_links(address),
            mail=mail_link(address, title),
            label=LABELS[entry.type],
            dateline=fields.dateline or "",
            translator=fields.translator or "",
            updated=self.moment(fields.modified) if fields.modified else None,
            updated_note=self.text(fields.modified_note),
            hero=self.hero(entry),
            sensitive=(fields.sensitive.kind, self.text(fields.sensitive.note)) if fields.sensitive else None,
            series=Link(self.text(series.name), series_url) if series else None,
            series_part=series.number if series else 0,
            corrections=self.corrections(document),
            replies=tuple(
                Note(self.moment(each.asked), self.text(each.response), each.who) for each in fields.right_of_reply
            ),
            sources=tuple(self.text(each) for each in fields.sources),
            methods=self.text(fields.methods),
            topics=self.topics(entry),
            translations=self.translated(entry),
            previous=self.link(older) if older else None,
            next=self.link(newer) if newer else None,
            related=tuple(self.card(each) for each in self.others(entry)),
            state=state,
            due=self.moment(due) if due else None,
        )

    def load(self, entry: Entry) -> Article:
        """The article of an entry, with its text."""
        document = self.tools.load(entry)
        if not isinstance(document.fields, ArticleFields):
            raise TypeError(f"{entry.source} is no article")
        return document

    def state(self, entry: Entry) -> tuple[str, int | None]:
        """Why a document that a preview shows is not public, and when it will be."""
        now = self.config.now.timestamp()
        if entry.status != "published":
            return entry.status, None
        if entry.embargo and entry.embargo > now:
            return "embargo", entry.embargo
        return ("future", entry.date) if entry.date > now else ("", None)
