"""The schema: every field of an article, a page and an author, and the types that the other rooms share.

The checker, the handbook's reference and the templates use these fields; none is listed anywhere else.
Dates are validated in the site's time zone, `category` and `lang` against the site's settings: both come
in as pydantic's validation context (`Facts`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Annotated, Generic, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
)

from newsroom.articles.dates import parse_date
from newsroom.articles.slugs import SLUG, slugify
from newsroom.errors import did_you_mean


@dataclass(frozen=True)
class Facts:
    """What a field is validated against: the site's time zone, languages and sections (name → id)."""

    timezone: tzinfo
    languages: tuple[str, ...]
    sections: Mapping[str, str]


def _facts(info: ValidationInfo) -> Facts:
    if not isinstance(info.context, Facts):
        raise TypeError("validate with context=Facts(…)")
    return info.context


def _moment(value: object, info: ValidationInfo) -> datetime:
    if not isinstance(value, str):
        raise ValueError("must be a date, not a list or a group of fields; write it as 2026-11-22 09:00")
    return parse_date(value, _facts(info).timezone)


def _section(value: str, info: ValidationInfo) -> str:
    sections = _facts(info).sections
    for name, identifier in sections.items():
        if value.casefold() in (name.casefold(), identifier):
            return identifier
    remedy = did_you_mean(value, sections, f"the sections are {', '.join(sections)} (in pelicanconf.py)")
    raise ValueError(f"{value!r} is not a section; {remedy}")


def _language(value: str, info: ValidationInfo) -> str:
    languages = _facts(info).languages
    if value not in languages:
        raise ValueError(f"{value!r} is not a language of this site; write one of {', '.join(languages)}")
    return value


def _slug(value: str) -> str:
    if not SLUG.fullmatch(value):
        raise ValueError(
            f"{value!r} is not a slug; use small letters a-z, digits and hyphens, such as {slugify(value)!r}"
        )
    return value


def _save_as(value: str) -> str:
    parts = value.split("/")
    if value.startswith("/") or "\\" in value or any(part in ("", ".", "..") for part in parts):
        raise ValueError(f"{value!r} leaves the site's folder; write a plain path such as 'about/team.html'")
    if not re.fullmatch(r"[A-Za-z0-9._/-]+\.html", value):
        raise ValueError(f"{value!r} is not the path of a page; write ASCII letters and end it in '.html'")
    return value


def _alias(value: str) -> str:
    path = value.strip("/")
    if "?" in value or "#" in value or "://" in value:
        raise ValueError(
            f"{value!r} cannot be kept by a static site; write the path only, such as '/2021/old-name/'"
        )
    if not path or ".." in path.split("/") or not re.fullmatch(r"[\w%./~+-]+", path):
        raise ValueError(f"{value!r} is not a path on this site; write it as '/2021/old-name/'")
    return path


def _web_address(value: str) -> str:
    if not re.fullmatch(r"https?://[^\s\"<>]+", value):
        raise ValueError(f"{value!r} is not a web address; write it with https:// in front")
    return value


def _email(value: str) -> str:
    if not re.fullmatch(r"[^\s@<>\"]+@[^\s@<>\"]+\.[^\s@<>\"]+", value):
        raise ValueError(f"{value!r} is not an e-mail address; write it as name@site.org")
    return value


def _focus(value: str) -> str:
    if not re.fullmatch(r"(100|\d{1,2})% (100|\d{1,2})%", value):
        raise ValueError(f"{value!r} is not a focus; write how far from left and top, such as '50% 30%'")
    return value


def _no_text(value: object) -> object:
    if isinstance(value, str):
        raise ValueError(f"must be a list, not the text {value!r}; write [{value}] or one '- …' line for each")
    return value


def _byline(value: object) -> object:
    return {"author": value} if isinstance(value, str) else value


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Moment = Annotated[datetime, BeforeValidator(_moment)]
Section = Annotated[Text, AfterValidator(_section)]
Language = Annotated[Text, AfterValidator(_language)]
Slug = Annotated[Text, AfterValidator(_slug)]
Alias = Annotated[Text, AfterValidator(_alias)]
Item = TypeVar("Item")
Items = Annotated[tuple[Item, ...], BeforeValidator(_no_text)]
Status = Literal["published", "draft", "hidden"]


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
    alt: Text = Field(description="what the picture shows, for someone who cannot see it")
    credit: Text = Field(description="who made the picture")
    caption: Text | None = Field(None, description="what readers should know about the picture")
    licence: Text | None = Field(None, description="the licence, as a name or a web address")
    focus: Annotated[Text, AfterValidator(_focus)] | None = Field(
        None, description="the point that a crop must keep, as 'LEFT% TOP%'"
    )


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

    name: Text = Field(description="the series' name")
    part: int = Field(ge=1, description="the number of this part, from 1")


class Sensitive(Fields):
    """A notice before the text."""

    kind: Text = Field(description="what to expect, such as 'violence'")
    note: Text = Field(description="one sentence for the reader")


class ArticleFields(Fields):
    """The front matter of content/articles/YYYY/MM/slug.md."""

    title: Text = Field(description="the headline")
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
    tags: Items[Text] = Field((), description="topics")
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
    status: Status = Field("published", description="published, draft or hidden")
    embargo: Moment | None = Field(None, description="not public before this time")
    related: Items[Slug] = Field((), description="slugs of articles to pin into 'You may also like'")


class PageFields(Fields):
    """The front matter of content/pages/slug.md."""

    title: Text = Field(description="the page's heading")
    summary: Text = Field(description="one sentence for search engines and cards")
    slug: Slug | None = Field(None, description="the last part of the address; the file's name if not given")
    lang: Language | None = Field(None, description="the language; from the file's name (.km.md), else en")
    translator: Text | None = Field(None, description="who translated the text")
    status: Status = Field("published", description="published, draft or hidden")
    position: int = Field(100, ge=0, description="the order in the footer, smallest first")
    template: Literal["page", "contact"] = Field("page", description="the template that prints it")
    aliases: Items[Alias] = Field((), description="old paths that must keep working")
    save_as: Annotated[Text, AfterValidator(_save_as)] | None = Field(
        None, description="the file in the output, where it must not be SLUG.html"
    )


class Photo(Fields):
    """An author's portrait."""

    image: Text = Field(description="the picture's file, relative to this file")
    alt: Text = Field(description="what the picture shows")
    credit: Text = Field(description="who made the picture")


class Profile(Fields):
    """Another place on the web where the author is found."""

    name: Text = Field(description="the link's text")
    url: Annotated[Text, AfterValidator(_web_address)] = Field(description="the address, with https://")


class AuthorFields(Fields):
    """The front matter of content/authors/ID.md; the body is the biography."""

    name: Text = Field(description="the name as it stands in bylines")
    kind: Literal["person", "organisation"] = Field("person", description="a person, or an organisation")
    lang: Language | None = Field(None, description="the language; from the file's name (.km.md), else en")
    translator: Text | None = Field(None, description="who translated the text")
    role: Text | None = Field(None, description="what the author does here")
    email: Annotated[Text, AfterValidator(_email)] | None = Field(None, description="a public address")
    photo: Photo | None = Field(None, description="a portrait: {image, alt, credit}")
    links: Items[Profile] = Field((), description="list of {name, url}")


@dataclass(frozen=True)
class Reference:
    """Something a document points at: `target` from content's root, `fragment` without its `#`."""

    target: str
    fragment: str
    line: int
    field: str  # "body", "hero.image", …
    written: str  # as the author wrote it, for messages


@dataclass(frozen=True)
class Body:
    """A finished text. `html` is safe; its internal links and pictures still name source files:
    `href="{filename}articles/x.md"`, `src="{static}articles/x.jpg"`, from content's root."""

    html: str = ""
    ids: frozenset[str] = frozenset()
    links: tuple[Reference, ...] = ()
    images: tuple[Reference, ...] = ()


F = TypeVar("F", ArticleFields, PageFields, AuthorFields)


@dataclass(frozen=True)
class Document(Generic[F]):
    """A source file that was read without a mistake of its own."""

    path: str  # as a reporter types it: content/articles/2021/07/x.km.md
    source: str  # from content's root: articles/2021/07/x.km.md
    key: str  # shared by translations: articles/2021/07/x
    lang: str
    slug: str
    url: str  # the file in the output; "" for authors, whose pages are made per language
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
AnyDocument = Article | Page | Author


@dataclass(frozen=True)
class Picture:
    """A picture as it is published: file in the output, true size in pixels, media type."""

    url: str
    width: int
    height: int
    media_type: str
