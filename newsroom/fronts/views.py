"""The values that templates print: plain, frozen, complete. Templates choose, loop and print; they compute nothing.

Every `url` is a file in the output from its root (`2021/07/x.html`) or, where it leads out of the site, a whole
address. Templates write internal ones as `{{ SITEURL }}/{{ x.url }}`: SITEURL is the relative way to the root.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from newsroom.articles.schema import Entry, Picture, Shown


@dataclass(frozen=True)
class Link:
    """A text that leads somewhere; `lang` is set where it differs from the page's language."""

    text: str
    url: str
    lang: str = ""


@dataclass(frozen=True)
class Moment:
    """A time for machines (`2021-07-23T09:00:00+07:00`) and for readers (`23 July 2021`)."""

    iso: str
    text: str


@dataclass(frozen=True)
class Figure:
    """A picture with everything that must be said about it."""

    picture: Picture
    alt: str
    credit: str
    caption: str = ""
    licence: str = ""


@dataclass(frozen=True)
class Name:
    """One name of a byline."""

    name: str
    url: str
    role: str = ""


@dataclass(frozen=True)
class Card:
    """An article as listings show it. `label` names a kind other than news, untranslated: pass it to gettext."""

    title: str
    url: str
    summary: str
    lang: str
    section: Link
    published: Moment
    authors: tuple[Name, ...]
    label: str = ""
    figure: Figure | None = None


@dataclass(frozen=True)
class Note:
    """A dated text: a correction, a reply (`who`), an update."""

    date: Moment
    text: str
    who: str = ""
    article: Link | None = None


@dataclass(frozen=True)
class Feed:
    """A feed that a page announces."""

    title: str
    url: str
    media_type: str


@dataclass(frozen=True)
class Head:
    """What stands in a page's <head>: absolute addresses, except the feeds'."""

    title: str
    description: str
    lang: str
    canonical: str
    alternates: tuple[tuple[str, str], ...] = ()  # (language, absolute address), this page's own among them
    properties: tuple[tuple[str, str], ...] = ()  # Open Graph: (property, content)
    names: tuple[tuple[str, str], ...] = ()  # card metadata: (name, content)
    feeds: tuple[Feed, ...] = ()
    json_ld: Markup = Markup("")
    index: bool = True  # False: search engines must not list the page
    onion: str = ""  # the same page at the site's onion address


@dataclass(frozen=True)
class SiteView:
    """What every page of one language shares."""

    name: str
    tagline: str
    lang: str
    home: str
    sections: tuple[Link, ...]  # the menu
    pages: tuple[Link, ...]  # the footer
    archive: str
    corrections: str
    search: str
    verify: str  # the page that checks a copy; "" for a site without a key
    feed: Feed
    stylesheet: str
    script: str  # "" for a theme without
    icon: str
    email: str
    telephone: str
    address: str
    worker: str = ""  # the file of what keeps the pages that are read; "" where nothing does
    blocked: str = ""  # where readers learn what to do if the site is blocked; "" where there is nothing to tell


@dataclass(frozen=True)
class ArticleView:
    """An article's own page."""

    title: str
    summary: str
    lang: str
    url: str
    section: Link
    authors: tuple[Name, ...]
    published: Moment
    body: Markup  # begins with the dateline
    minutes: int = 1  # that reading takes
    age: int = 0  # full years since it was published
    address: str = ""  # absolute
    shares: tuple[Link, ...] = ()  # places to pass it on, whose names are the same in all languages
    mail: str = ""  # a letter that names it
    label: str = ""
    dateline: str = ""
    translator: str = ""
    updated: Moment | None = None
    updated_note: str = ""
    hero: Figure | None = None
    insets: tuple[Figure, ...] = ()  # the pictures in the body, which prints them itself
    social: Picture | None = None  # what other sites show of a link to the article
    sensitive: tuple[str, str] | None = None  # (kind, note)
    series: Link | None = None
    series_part: int = 0
    corrections: tuple[Note, ...] = ()
    replies: tuple[Note, ...] = ()
    sources: tuple[str, ...] = ()
    methods: str = ""
    topics: tuple[Link, ...] = ()
    translations: tuple[Link, ...] = ()
    previous: Link | None = None
    next: Link | None = None
    related: tuple[Card, ...] = ()
    state: str = ""  # in a preview: "draft", "hidden", "embargo", "future"; "" for what is public
    due: Moment | None = None  # in a preview: when an embargo ends or a later date comes


@dataclass(frozen=True)
class PageView:
    """A page such as About."""

    title: str
    summary: str
    lang: str
    url: str
    body: Markup
    translator: str = ""
    translations: tuple[Link, ...] = ()
    state: str = ""


@dataclass(frozen=True)
class ListingView:
    """A list of articles: newest first, except in a series. Full pages are numbered from the oldest."""

    heading: str
    cards: tuple[Card, ...]
    number: int = 0  # 0: the newest page
    newer: str = ""
    older: str = ""
    introduction: Markup = Markup("")
    translations: tuple[Link, ...] = ()


@dataclass(frozen=True)
class AuthorView:
    """An author's page, above the list of articles."""

    name: str
    role: str = ""
    organisation: bool = False
    email: str = ""
    photo: Figure | None = None
    links: tuple[Link, ...] = ()
    biography: Markup = Markup("")
    biography_lang: str = ""  # set where it differs from the page's language


@dataclass(frozen=True)
class Verification:
    """What the page that checks a copy of the site knows. `addresses` are those of the site itself and its mirrors."""

    key: str  # the public root key
    site: str
    addresses: tuple[str, ...]
    script: str


@dataclass(frozen=True)
class Period:
    """A year or a month of the archive."""

    text: str
    url: str
    count: int
    months: tuple[Period, ...] = ()


@dataclass(frozen=True, slots=True)
class Output:
    """A file of the output: where it goes, what it depends on, how it is made.

    `make()` answers the values that `template` may name or, where that is "", the bytes. `recipe` is a digest of
    whatever `make` looks at; while it stays the same, nothing is made again. `listed` is what sitemaps say.
    """

    url: str
    template: str
    recipe: bytes
    make: Callable[[], Mapping[str, Any] | bytes]
    listed: Listed | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A page that search engines may list: its file in each language, and of an article its entry; its picture."""

    alternates: Mapping[str, str]
    article: Entry | None = None
    hero: Shown | None = None
