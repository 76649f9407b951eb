"""The schema: every field of an article, a page and an author, and the types that the other rooms share.

The checker, the handbook's reference and the templates use these fields; none is listed anywhere else. `Entry`
is the part of a document that the rest of the site asks for: of every document there is one in memory.
Validate with `context=Facts(…)` (newsroom/articles/fieldtypes.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Generic, Literal, TypeVar

import msgspec
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from newsroom.articles.fieldtypes import (
    Alias,
    ArticleStatus,
    Email,
    Focus,
    Items,
    Language,
    Line,
    Moment,
    SaveAs,
    Section,
    Slug,
    Status,
    Text,
    WebAddress,
)


def _byline(value: object) -> object:
    return {"author": value} if isinstance(value, str) else value


class Fields(BaseModel):
    """Front matter: unknown keys are refused; every scalar arrives as text."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Byline(Fields):
    """One name of a byline."""

    author: Slug = Field(description="the id of the author: the name of a file in content/authors")
    role: Text | None = Field(None, description="what this author did, such as 'reporting' or 'photographs'")


class Hero(Fields):
    """The picture at the top of an article."""

    image: Text = Field(description="the picture's file, relative to the article")
    alt: Text | None = Field(
        None,
        description="what the picture shows, for someone who cannot see it; if not given, the photo's own alt text",
    )
    credit: Text | None = Field(None, description="who made the picture; if not given, the photo's own credit line")
    caption: Text | None = Field(
        None, description="what readers should know about the picture; if not given, the photo's own caption"
    )
    licence: Text | None = Field(
        None, description="the licence, as a name or a web address; if not given, the photo's own"
    )
    focus: Focus | None = Field(None, description="the point that a crop must keep, as 'LEFT% TOP%'")


class Correction(Fields):
    """What was wrong, and when it was put right."""

    date: Moment = Field(description="when the correction was made")
    text: Text = Field(description="what was wrong and what is right")


class Reply(Fields):
    """Someone the article is about, who was asked."""

    who: Text = Field(description="the person or office that was asked")
    asked: Moment = Field(description="when they were asked")
    response: Text = Field(description="what they answered, or that they did not")


class Series(Fields):
    """A place in a series."""

    name: Line = Field(description="the series' name")
    part: int = Field(ge=1, description="the number of this part, from 1")


class Sensitive(Fields):
    """A notice before the text."""

    kind: Text = Field(description="what to expect, such as 'violence'")
    note: Text = Field(description="one sentence for the reader")


class Retraction(Fields):
    """That an article was taken down: what readers find at its address."""

    date: Moment = Field(description="when it was taken down")
    notice: Text | None = Field(
        None, description="what readers should know, in words of its own; only that it was withdrawn, if not given"
    )


class ArticleFields(Fields):
    """The front matter of content/articles/YYYY/MM/slug.md."""

    title: Line = Field(description="the headline")
    date: Moment = Field(description="when it was published, in the site's time zone unless an offset is given")
    category: Section = Field(description="the section")
    authors: Annotated[Items[Annotated[Byline, BeforeValidator(_byline)]], Field(min_length=1)] = Field(
        description="author ids, each alone or as {author, role}"
    )
    summary: Text = Field(description="plain text under the headline, on cards and in feeds")
    slug: Slug | None = Field(None, description="the last part of the address; the file's name if not given")
    lang: Language | None = Field(None, description="the language; from the file's name (.km.md), else en")
    translator: Text | None = Field(None, description="who translated the text")
    modified: Moment | None = Field(None, description="when the text was really updated")
    modified_note: Text | None = Field(None, description="what the update changed, for readers")
    tags: Items[Line] = Field((), description="topics")
    series: Series | None = Field(None, description="the series it is part of: {name, part}")
    type: Literal["news", "analysis", "opinion", "interview", "fact-check", "sponsored"] = Field(
        "news", description="the kind of text, printed above the headline when it is not news"
    )
    dateline: Text | None = Field(None, description="the place, printed before the first sentence")
    hero: Hero | None = Field(None, description="the picture at the top")
    corrections: Items[Correction] = Field((), description="list of {date, text}")
    right_of_reply: Items[Reply] = Field((), description="list of {who, asked, response}")
    sources: Items[Text] = Field((), description="what the article rests on, one line each")
    methods: Text | None = Field(None, description="how the reporting was done")
    sensitive: Sensitive | None = Field(None, description="a notice before the text: {kind, note}")
    aliases: Items[Alias] = Field((), description="old paths that must keep working")
    status: ArticleStatus = Field("published", description="published, draft, hidden or retracted")
    retraction: Retraction | None = Field(None, description="of a retracted article: {date, notice}")
    embargo: Moment | None = Field(None, description="not public before this time")
    related: Items[Slug] = Field((), description="slugs of articles to pin into 'You may also like'")


class PageFields(Fields):
    """The front matter of content/pages/slug.md."""

    title: Line = Field(description="the page's heading")
    summary: Text = Field(description="one sentence for search engines and cards")
    slug: Slug | None = Field(None, description="the last part of the address; the file's name if not given")
    lang: Language | None = Field(None, description="the language; from the file's name (.km.md), else en")
    translator: Text | None = Field(None, description="who translated the text")
    status: Status = Field("published", description="published, draft or hidden")
    position: int = Field(100, ge=0, description="the order in the footer, smallest first")
    template: Literal["page", "contact"] = Field("page", description="the template that prints it")
    aliases: Items[Alias] = Field((), description="old paths that must keep working")
    save_as: SaveAs | None = Field(None, description="the file in the output, where it must not be SLUG.html")


class Photo(Fields):
    """An author's portrait."""

    image: Text = Field(description="the picture's file, relative to this file")
    alt: Text | None = Field(None, description="what the picture shows; if not given, the photo's own alt text")
    credit: Text | None = Field(None, description="who made the picture; if not given, the photo's own credit line")


class Profile(Fields):
    """Another place on the web where the author is found."""

    name: Line = Field(description="the link's text")
    url: WebAddress = Field(description="the address, with https://")


class AuthorFields(Fields):
    """The front matter of content/authors/ID.md; the body is the biography."""

    name: Line = Field(description="the name as it stands in bylines")
    kind: Literal["person", "organisation"] = Field("person", description="a person, or an organisation")
    lang: Language | None = Field(None, description="the language; from the file's name (.km.md), else en")
    translator: Text | None = Field(None, description="who translated the text")
    role: Text | None = Field(None, description="what the author does here")
    email: Email | None = Field(None, description="a public address")
    photo: Photo | None = Field(None, description="a portrait: {image, alt, credit}")
    links: Items[Profile] = Field((), description="list of {name, url}")


class FrontFields(Fields):
    """The front matter of content/fronts: index.md is the front page; sections/ID.md, topics/SLUG.md and series/SLUG.md
    introduce the other lists, whose introduction is the body."""

    lang: Language | None = Field(None, description="the language; from the file's name (.km.md), else en")
    lead: Slug | None = Field(None, description="the slug of the article at the top of the front page; else the newest")
    blocks: Items[Section] = Field((), description="the sections that the front page shows, in order; else all")


@dataclass(frozen=True)
class Reference:
    """Something a document points at: `target` from content's root, `fragment` without its `#`."""

    target: str
    fragment: str
    line: int
    field: str  # "body", "hero.image", …
    written: str  # as the author wrote it, for messages


TOLD = ("alt", "caption", "credit", "licence")  # what is said of a picture, by its author or by its own file


@dataclass(frozen=True)
class Inset:
    """A picture in a text, and what its author says of it: plain texts, "" for one that is left out."""

    reference: Reference
    alt: str = ""
    caption: str = ""
    credit: str = ""
    licence: str = ""

    @property
    def unsaid(self) -> tuple[str, ...]:
        """Which of the texts are left out."""
        return tuple(name for name in TOLD if not getattr(self, name))


@dataclass(frozen=True)
class Body:
    """A finished text. `html` is safe; its internal links and pictures still name source files:
    `href="{filename}articles/x.md"`, `src="{static}articles/x.jpg"`, from content's root. Its figures hold whose their
    pictures are as `data-credit` and `data-licence`."""

    html: str = ""
    ids: frozenset[str] = frozenset()
    links: tuple[Reference, ...] = ()
    insets: tuple[Inset, ...] = ()


F = TypeVar("F", ArticleFields, PageFields, AuthorFields, FrontFields)


@dataclass(frozen=True)
class Document(Generic[F]):
    """A source file that was read without a mistake of its own."""

    path: str  # as a reporter types it: content/articles/2021/07/x.km.md
    source: str  # from content's root: articles/2021/07/x.km.md
    key: str  # shared by translations: articles/2021/07/x
    lang: str
    slug: str
    url: str  # the file in the output; "" for authors and fronts, whose pages are made per language
    fields: F
    body: Body
    lines: Mapping[str, int] = field(default_factory=dict)  # "hero.alt" → line

    def line(self, name: str) -> int:
        """The line of a field such as `hero.alt`, or of the nearest group that holds it."""
        while name and name not in self.lines:
            name = name.rpartition(".")[0]
        return self.lines.get(name, 1)


Article = Document[ArticleFields]
Page = Document[PageFields]
Author = Document[AuthorFields]
Front = Document[FrontFields]
AnyDocument = Article | Page | Author | Front


class Shown(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The picture at the top of an article, as cards and heads show it; `source` is a file of content's."""

    source: str
    alt: str
    credit: str
    caption: str = ""
    licence: str = ""
    focus: str = ""  # LEFT% TOP%


class Part(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A place in a series: its slug, its name as written, the number of the part."""

    slug: str
    name: str
    number: int


class Entry(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What the site must know of a document without its text. Times are seconds since 1970."""

    version: bytes  # changes with anything of the source file, and with what read it
    source: str
    key: str
    lang: str
    slug: str
    url: str
    title: str  # of an author: the name
    summary: str = ""
    status: str = "published"
    links: tuple[tuple[str, str], ...] = ()  # (file of content's, fragment), in the order of the body
    images: tuple[str, ...] = ()  # files of content's, in fields (the first) and body
    unsaid: tuple[tuple[str, tuple[str, ...]], ...] = ()  # those of the body, with the texts that each was not given
    ids: tuple[str, ...] = ()  # of the body, to which links lead
    aliases: tuple[str, ...] = ()
    # of articles
    date: int = 0
    changed: int = 0  # for readers: the latest of date, update and corrections
    embargo: int | None = None
    month: tuple[int, int] = (0, 0)  # year and month of publication in the site's time zone
    section: str = ""
    type: str = "news"
    authors: tuple[tuple[str, str], ...] = ()  # (id, role)
    topics: tuple[tuple[str, str], ...] = ()  # (slug, as written)
    series: Part | None = None
    related: tuple[str, ...] = ()  # slugs that an editor pinned
    corrections: tuple[tuple[int, str], ...] = ()  # (date, text), oldest first
    retraction: tuple[int, str] | None = None  # when, and the editor's notice
    hero: Shown | None = None  # also an author's portrait
    # of pages
    position: int = 0
    # of authors
    organisation: bool = False
    profiles: tuple[tuple[str, str], ...] = ()  # (name, address) of other places on the web
    # of fronts
    lead: str = ""  # a slug
    blocks: tuple[str, ...] = ()  # sections

    @property
    def kind(self) -> str:
        """`articles`, `pages`, `authors` or `fronts`: the folder of content that holds the document."""
        return self.source.partition("/")[0]


@dataclass(frozen=True)
class File:
    """A picture's file in the output, and its size in pixels."""

    url: str
    width: int
    height: int


@dataclass(frozen=True)
class Picture:
    """A picture as it is published: file in the output, true size in pixels, media type. `sources` are the same in
    newer forms, each a media type with its files, the narrowest first; `sizes` says how wide the picture stands, as
    CSS; `tone` is its commonest colour, `#rrggbb`."""

    url: str
    width: int
    height: int
    media_type: str
    sources: tuple[tuple[str, tuple[File, ...]], ...] = ()
    sizes: str = ""
    tone: str = ""
