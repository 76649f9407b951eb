"""Views of documents: from entries and fields to what templates print, and digests of what the views depend on."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import msgspec
from markupsafe import Markup

from newsroom.articles.schema import AnyDocument, Article, ArticleFields, Entry, Inset, Picture, Shown
from newsroom.config import Config
from newsroom.fronts import addresses
from newsroom.fronts.edition import Edition, topics_of
from newsroom.fronts.interface import LABELS, language_name, moment
from newsroom.fronts.sharing import mail_link, share_links
from newsroom.fronts.views import ArticleView, Card, Figure, Link, Moment, Name, Note

SOCIAL_CARD = (1200, 630)  # pixels
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

    `load(entry)` is the whole document; `picture(source, slot, focus)` how a picture of content's is published, and
    `words(source, lang)` the alt text, caption, credit and licence that it brings; `finish(document, root)` a body with
    links and pictures from `root`, where `address(source)` is the file that a document is published as; `polish(text,
    lang)` a text with typographic quotation marks; `social_card(headline, section, masthead, address)` the version of a
    card with these texts, and what draws it as a PNG of `SOCIAL_CARD` pixels.
    """

    load: Callable[[Entry], AnyDocument]
    picture: Callable[[str, str, str], Picture]
    words: Callable[[str, str], tuple[str, str, str, str]]
    finish: Callable[[AnyDocument, str], str]
    address: Callable[[str], str]
    polish: Callable[[str, str], str]
    social_card: Callable[[str, str, str, str], tuple[bytes, Callable[[], bytes]]] | None  # None: none are drawn


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
            hero = self.picture_digest(article, "card") if article.hero else b""
            found = digest_of(own, article.type, article.authors, article.hero, hero, names)
            self._digests[article.source] = found
        return found

    def forget(self, article: Entry) -> None:
        """Make the article's card anew when it is asked for."""
        self._cards.pop(article.source, None)
        self._digests.pop(article.source, None)

    def whole_digest(self, entry: Entry) -> bytes:
        """Changes with whatever the document's own page shows of it, the addresses its text leads to included."""
        slots = ("portrait",) if entry.kind == "authors" else ("hero", "social")
        pictures = [self.picture_digest(entry, slot) for slot in slots] if entry.hero else []
        for source in entry.images[1:] if entry.hero else entry.images:
            pictures.append(digest_of(self.tools.picture(source, "body", ""), self.tools.words(source, entry.lang)))
        profiles = [(self.edition.profiles[author].title, *self._profile(author)) for author, _ in entry.authors]
        topics = [self.edition.topic_names[slug] for slug in topics_of(entry)]
        links = [self.tools.address(source) for source, _ in entry.links]
        return digest_of(entry.version, pictures, profiles, topics, links, self.state(entry), self._age(entry))

    def _age(self, entry: Entry) -> int:
        return years_since(entry.date, self.config.now.timestamp()) if entry.date else 0

    def _profile(self, author: str) -> tuple[bool, tuple[tuple[str, str], ...]]:
        profile = self.edition.profiles[author]
        return profile.organisation, profile.profiles

    def picture_digest(self, entry: Entry, slot: str) -> bytes:
        """Changes with the picture at the top of a document as the slot shows it, and with what it says of itself."""
        hero = entry.hero
        if hero is None:
            return b""
        picture = self.tools.picture(hero.source, slot, hero.focus)
        return digest_of(picture, self.tools.words(hero.source, entry.lang))

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

    def figure(self, entry: Entry, slot: str) -> Figure | None:
        """The picture at the top of a document, as the slot shows it; what the document does not say of it, the picture
        says itself."""
        hero = entry.hero
        if hero is None:
            return None
        own = self.tools.words(hero.source, entry.lang)
        if slot == "portrait":
            own = (own[0], "", own[2], "")
        return self._figure(self.tools.picture(hero.source, slot, hero.focus), hero, own)

    def insets(self, document: AnyDocument) -> tuple[Figure, ...]:
        """The pictures in a text, each once; what its author does not say of one, it says itself."""
        found: dict[str, Figure] = {}
        for inset in document.body.insets:
            source, own = inset.reference.target, self.tools.words(inset.reference.target, document.lang)
            found.setdefault(source, self._figure(self.tools.picture(source, "body", ""), inset, own))
        return tuple(found.values())

    def _figure(self, picture: Picture, said: Shown | Inset, own: tuple[str, str, str, str]) -> Figure:
        alt, caption, credit, licence = own
        shown = self.text(said.alt or alt), self.text(said.credit or credit), self.text(said.caption or caption)
        return Figure(picture, *shown, said.licence or licence)

    def social(self, entry: Entry) -> Picture | None:
        """What other sites show of a link to an article: its own picture, or else a card that is drawn."""
        if entry.hero:
            return self.tools.picture(entry.hero.source, "social", entry.hero.focus)
        drawn = self.social_card(entry)
        if drawn is None:
            return None
        url, version, _ = drawn
        return Picture(f"{url}?{version.hex()[:8]}", *SOCIAL_CARD, "image/png")  # new to whoever keeps the last one

    def social_card(self, entry: Entry) -> tuple[str, bytes, Callable[[], bytes]] | None:
        """The file of the card of an article without a picture, its version, and what draws it."""
        if entry.hero or self.tools.social_card is None:
            return None
        section = self.config.section_name(entry.section, entry.lang)
        host = urlsplit(self.config.url).netloc
        drawn = self.tools.social_card(self.text(entry.title), section, self.config.site_name(entry.lang), host)
        return addresses.social_card(entry.url), *drawn

    def card(self, article: Entry) -> Card:
        """The article's card, made once: it stands in many listings."""
        if article.source not in self._cards:
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
            figure=self.figure(article, "card"),
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

    def corrections(self, article: Entry, link: Link | None = None) -> tuple[Note, ...]:
        """The corrections, oldest first; `link` names the article, for lists of many."""
        return tuple(Note(self.moment(date), self.text(text), article=link) for date, text in article.corrections)

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
            hero=self.figure(entry, "hero"),
            insets=self.insets(document),
            social=self.social(entry),
            sensitive=(fields.sensitive.kind, self.text(fields.sensitive.note)) if fields.sensitive else None,
            series=Link(self.text(series.name), series_url) if series else None,
            series_part=series.number if series else 0,
            corrections=self.corrections(entry),
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
