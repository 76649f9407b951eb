"""Atom and RSS feeds with the full text, the picture and its credit.

An entry's id is a `tag:` URI (RFC 4151) of the newsroom's own authority and the article's file name, so that
neither another domain nor a corrected headline makes readers' programs show it again.
"""

from __future__ import annotations

import html
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from feedgenerator import Atom1Feed, Rss201rev2Feed
from markupsafe import Markup

from newsroom.articles import schema
from newsroom.config import Config
from newsroom.fronts import addresses
from newsroom.fronts.views import ArticleView, Feed, Figure

FORMS = {"atom": "application/atom+xml", "rss": "application/rss+xml"}
_MEDIA = {"xmlns:media": "http://search.yahoo.com/mrss/"}


@dataclass(frozen=True)
class Entry:
    """An article as feeds carry it; `content` is HTML with absolute addresses."""

    article: schema.Entry
    view: ArticleView
    content: str

    def identifier(self, authority: str) -> str:
        """The tag: URI: the place in the content folder, without what a translation's file adds."""
        place = self.article.source.removeprefix("articles/").removesuffix(".md")
        return f"tag:{authority}:{place}"


class _Base:
    """What both forms share: no clock, and Media RSS for the picture."""

    items: list[dict[str, Any]]

    def latest_post_date(self) -> datetime:
        return max((item["updateddate"] for item in self.items), default=datetime.fromtimestamp(0, UTC))

    def _add_media(self, handler: Any, item: Mapping[str, Any]) -> None:
        figure: Figure | None = item["figure"]
        if figure is None:
            return
        picture = figure.picture
        size = {"width": str(picture.width), "height": str(picture.height)}
        kind = {"url": item["picture_url"], "type": picture.media_type, "medium": "image", **size}
        handler.startElement("media:content", kind)
        handler.addQuickElement("media:description", figure.caption or figure.alt, {"type": "plain"})
        handler.addQuickElement("media:credit", figure.credit, {"role": "photographer"})
        if figure.licence:
            handler.addQuickElement("media:license", figure.licence)
        handler.endElement("media:content")


class _Atom(_Base, Atom1Feed):  # type: ignore[misc]
    def root_attributes(self) -> dict[str, str]:
        return {**super().root_attributes(), **_MEDIA}

    def add_item_elements(self, handler: Any, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, {**item, "author_name": None})
        for name, address in item["authors"]:
            handler.startElement("author", {})
            handler.addQuickElement("name", name)
            handler.addQuickElement("uri", address)
            handler.endElement("author")
        self._add_media(handler, item)


class _Rss(_Base, Rss201rev2Feed):  # type: ignore[misc]
    def rss_attributes(self) -> dict[str, str]:
        more = {
            "xmlns:content": "http://purl.org/rss/1.0/modules/content/",
            "xmlns:dc": "http://purl.org/dc/elements/1.1/",
        }
        return {**super().rss_attributes(), **more, **_MEDIA}

    def add_item_elements(self, handler: Any, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, {**item, "author_name": None})
        for name, _ in item["authors"]:
            handler.addQuickElement("dc:creator", name)
        handler.addQuickElement("content:encoded", item["content"])
        self._add_media(handler, item)


def content(view: ArticleView, body: str, site: str, gettext: Any) -> str:
    """The full text for a feed: picture with caption and credit, notices, body, corrections."""
    parts: list[str] = []
    if view.hero:
        figure = view.hero
        image = Markup('<img src="{}" alt="{}" width="{}" height="{}">').format(
            f"{site}/{figure.picture.url}", figure.alt, figure.picture.width, figure.picture.height
        )
        caption = Markup("<figcaption>{} {}</figcaption>").format(figure.caption, figure.credit)
        parts.append(f"<figure>{image}{caption}</figure>")
    if view.sensitive:
        parts.append(Markup("<p><strong>{}</strong> {}</p>").format(*view.sensitive))
    if view.dateline:
        parts.append(Markup("<p><strong>{}</strong></p>").format(view.dateline))
    parts.append(body)
    for note in view.corrections:
        parts.append(
            Markup("<p><strong>{}</strong> ({}): {}</p>").format(gettext("Correction"), note.date.text, note.text)
        )
    return "\n".join(map(str, parts))


def make_feed(form: str, feed: Feed, home: str, entries: Iterable[Entry], config: Config, lang: str) -> bytes:
    """The bytes of a feed in `form` "atom" or "rss"; `home` is the page that it follows."""
    authority = config.newsroom.feed_authority
    made = (_Atom if form == "atom" else _Rss)(
        title=feed.title,
        link=addresses.absolute(config.url, home),
        description=config.newsroom.taglines.get(lang, feed.title),
        language=lang,
        feed_url=f"{config.url}/{feed.url}",
        feed_copyright=config.site_name(lang),
        feed_guid=f"tag:{authority}:{feed.url.removesuffix('.atom.xml').removesuffix('.rss.xml')}",
    )
    for entry in entries:
        view = entry.view
        figure = view.hero
        made.add_item(
            title=view.title,
            link=addresses.absolute(config.url, view.url),
            description=html.escape(view.summary, quote=False),
            content=entry.content,
            authors=[(name.name, addresses.absolute(config.url, name.url)) for name in view.authors],
            unique_id=entry.identifier(authority),
            unique_id_is_permalink=False,
            categories=[view.section.text, *(topic.text for topic in view.topics)],
            pubdate=datetime.fromtimestamp(entry.article.date, config.timezone),
            updateddate=datetime.fromtimestamp(entry.article.changed, config.timezone),
            figure=figure,
            picture_url=f"{config.url}/{figure.picture.url}" if figure else "",
        )
    out = io.StringIO()
    made.write(out, "utf-8")
    return out.getvalue().encode()
