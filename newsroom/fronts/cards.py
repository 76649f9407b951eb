"""Views of articles: from fields to what templates print."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from markupsafe import Markup

from newsroom.articles.schema import AnyDocument, Article, Picture
from newsroom.articles.slugs import slugify
from newsroom.config import Config
from newsroom.fronts import addresses
from newsroom.fronts.edition import Edition, topics_of
from newsroom.fronts.interface import LABELS, language_name, moment
from newsroom.fronts.views import ArticleView, Card, Figure, Link, Moment, Name, Note


@dataclass(frozen=True)
class Tools:
    """What other rooms hand to this one.

    `picture(document, written)` is a picture named in a document's fields; `finish(document, root)` its body
    with links and pictures from `root`; `polish(text, lang)` a text with typographic quotation marks.
    """

    picture: Callable[[AnyDocument, str], Picture]
    finish: Callable[[AnyDocument, str], str]
    polish: Callable[[str, str], str]


@dataclass(frozen=True)
class Views:
    """Makes the views of one edition. `translations` maps a document's key to its documents by language."""

    edition: Edition
    config: Config
    tools: Tools
    translations: Mapping[str, Mapping[str, AnyDocument]]
    _cards: dict[str, Card] = field(default_factory=dict)

    def moment(self, when: datetime) -> Moment:
        return moment(when, self.edition.lang, self.config.timezone)

    def text(self, written: str | None) -> str:
        return self.tools.polish(written, self.edition.lang) if written else ""

    def section(self, identifier: str) -> Link:
        name = self.config.section_name(identifier, self.edition.lang)
        return Link(name, f"{self.edition.prefix}{addresses.section(identifier)}index.html")

    def names(self, article: Article) -> tuple[Name, ...]:
        found = []
        for byline in article.fields.authors:
            profile = self.edition.profiles[byline.author]
            url = f"{self.edition.prefix}{addresses.author(byline.author)}index.html"
            found.append(Name(profile.fields.name, url, self.text(byline.role)))
        return tuple(found)

    def hero(self, article: Article) -> Figure | None:
        hero = article.fields.hero
        if hero is None:
            return None
        picture = self.tools.picture(article, hero.image)
        caption, credit = self.text(hero.caption), self.text(hero.credit)
        return Figure(picture, self.text(hero.alt), credit, caption, hero.licence or "")

    def card(self, article: Article) -> Card:
        """The article's card, made once: it stands in many listings."""
        if article.url not in self._cards:
            self._cards[article.url] = self._card(article)
        return self._cards[article.url]

    def _card(self, article: Article) -> Card:
        fields = article.fields
        return Card(
            title=self.text(fields.title),
            url=article.url,
            summary=self.text(fields.summary),
            lang=article.lang,
            section=self.section(fields.category),
            published=self.moment(fields.date),
            authors=self.names(article),
            label=LABELS[fields.type],
            figure=self.hero(article),
        )

    def link(self, article: Article) -> Link:
        return Link(self.text(article.fields.title), article.url)

    def topics(self, article: Article) -> tuple[Link, ...]:
        names, prefix = self.edition.topic_names, self.edition.prefix
        return tuple(Link(names[slug], f"{prefix}{addresses.topic(slug)}index.html") for slug in topics_of(article))

    def translated(self, document: AnyDocument) -> tuple[Link, ...]:
        others = self.translations.get(document.key, {})
        return tuple(
            Link(language_name(lang), other.url, lang) for lang, other in others.items() if lang != document.lang
        )

    def corrections(self, article: Article, linked: bool = False) -> tuple[Note, ...]:
        """The corrections, oldest first; `linked` names the article, for lists of many."""
        link = self.link(article) if linked else None
        return tuple(
            Note(self.moment(each.date), self.text(each.text), article=link)
            for each in sorted(article.fields.corrections, key=lambda each: each.date)
        )

    def article(self, article: Article, older: Article | None, newer: Article | None) -> ArticleView:
        fields, edition = article.fields, self.edition
        state, due = self._state(article)
        related = (edition.by_url[url] for url in edition.related[article.url])
        series = fields.series
        series_url = f"{edition.prefix}{addresses.series(slugify(series.name))}index.html" if series else ""
        return ArticleView(
            title=self.text(fields.title),
            summary=self.text(fields.summary),
            lang=article.lang,
            url=article.url,
            section=self.section(fields.category),
            authors=self.names(article),
            published=self.moment(fields.date),
            body=Markup(self.tools.finish(article, addresses.root_of(article.url))),  # noqa: S704 (sanitised when read)
            label=LABELS[fields.type],
            dateline=fields.dateline or "",
            translator=fields.translator or "",
            updated=self.moment(fields.modified) if fields.modified else None,
            updated_note=self.text(fields.modified_note),
            hero=self.hero(article),
            sensitive=(fields.sensitive.kind, self.text(fields.sensitive.note)) if fields.sensitive else None,
            series=Link(self.text(series.name), series_url) if series else None,
            series_part=series.part if series else 0,
            corrections=self.corrections(article),
            replies=tuple(
                Note(self.moment(each.asked), self.text(each.response), each.who) for each in fields.right_of_reply
            ),
            sources=tuple(self.text(each) for each in fields.sources),
            methods=self.text(fields.methods),
            topics=self.topics(article),
            translations=self.translated(article),
            previous=self.link(older) if older else None,
            next=self.link(newer) if newer else None,
            related=tuple(self.card(each) for each in related),
            state=state,
            due=self.moment(due) if due else None,
        )

    def _state(self, article: Article) -> tuple[str, datetime | None]:
        """Why an article that a preview shows is not public, and when it will be."""
        fields, now = article.fields, self.config.now
        if fields.status != "published":
            return fields.status, None
        if fields.embargo and fields.embargo > now:
            return "embargo", fields.embargo
        return ("future", fields.date) if fields.date > now else ("", None)
