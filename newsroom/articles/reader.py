"""Reading: the bytes of one source file to a `Document`, or to the problems that stand in the way.

A pure function of the bytes, the path and the facts of the site; it can run in any process.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from newsroom.articles.body import CONTROL, Fault, make_body, same_text, unfinished
from newsroom.articles.complaints import complaints
from newsroom.articles.fieldtypes import Facts
from newsroom.articles.frontmatter import FrontMatter, split
from newsroom.articles.latin import latin_language
from newsroom.articles.schema import (
    AnyDocument,
    ArticleFields,
    AuthorFields,
    Document,
    Fields,
    FrontFields,
    PageFields,
)
from newsroom.articles.slugs import SLUG, slugify
from newsroom.errors import Problem, did_you_mean

LARGEST = 2_000_000  # bytes; the longest article of the archives measured is 60,000
# What a control character, as CONTROL has it, begins with in UTF-8: looking for bytes is much faster.
_SUSPECT = bytes({*range(32), 0x7F, 0xC2, 0xEF} - set(b"\t\n\r"))
KINDS: dict[str, type[Fields]] = {
    "articles": ArticleFields,
    "pages": PageFields,
    "authors": AuthorFields,
    "fronts": FrontFields,
}
LISTS = ("sections", "topics", "series")  # what fronts introduce


@dataclass(frozen=True)
class Layout:
    """Where pages go: the name of the content folder, Pelican's patterns, the default language first."""

    folder: str
    article: str  # such as "{date:%Y}/{date:%m}/{slug}.html"
    page: str


@dataclass(frozen=True)
class Reading:
    """What came of one file. A draft's problems are for its author; they do not stop the build."""

    document: AnyDocument | None
    problems: tuple[Problem, ...]
    draft: bool = False
    written: Mapping[str, Any] = field(default_factory=dict)  # the front matter, without empty fields


def read(data: bytes, source: str, facts: Facts, layout: Layout) -> Reading:
    """Read content's file `source` (posix, from content's root), whose bytes are `data`."""
    path = f"{layout.folder}/{source}"
    text, problem = _decode(data, path)
    if problem:
        return Reading(None, (problem,))
    front = split(text)
    document, faults = _document(front, path, source, facts, layout)
    problems = tuple(Problem(path, *fault) for fault in [*front.faults, *faults])
    draft = front.data.get("status") == "draft"
    return Reading(None if problems else document, problems, draft, _without_empty(front.data))


def _decode(data: bytes, path: str) -> tuple[str, Problem | None]:
    if len(data) > LARGEST:
        megabytes = f"{len(data) / 1e6:.0f} MB"
        remedy = "an article is text of at most 2 MB; keep pictures and exports out of it"
        return "", Problem(path, 1, f"the file is too large ({megabytes})", remedy)
    if data.startswith(b"\xef\xbb\xbf"):
        return "", Problem(path, 1, "the file begins with a byte-order mark", "save it as UTF-8 without BOM")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = f"the byte 0x{data[error.start]:02x} is not UTF-8"
        return "", Problem(path, line, message, "save the file as UTF-8")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if len(data.translate(None, _SUSPECT)) < len(data) and (control := CONTROL.search(text)):
        line = text.count("\n", 0, control.start()) + 1
        message = f"the control character U+{ord(control[0]):04X} is in the text"
        return "", Problem(path, line, message, "delete it")
    return text, None


def _document(
    front: FrontMatter, path: str, source: str, facts: Facts, layout: Layout
) -> tuple[AnyDocument | None, list[Fault]]:
    name, named = _name_and_language(source, facts)
    lang = named or _written_language(front.data, facts)
    body, faults = make_body(front.body, front.body_line, source, lang, latin_language(facts.languages))
    faults += _slug_faults(front, name)
    faults += _text_faults(front)
    if front.faults and not front.data:
        return None, faults
    model = KINDS[source.partition("/")[0]]
    fields: Any = None
    try:
        fields = model.model_validate(_without_empty(front.data), context=facts)
    except ValidationError as error:
        return None, [*faults, *complaints(error, model, front)]
    if named and fields.lang and fields.lang != named:
        message = f"lang is {fields.lang!r}, but the file's name says {named!r}"
        faults.append((front.lines.get("lang", 1), message, "delete the lang field"))
    if isinstance(fields, ArticleFields):
        faults += _article_faults(front, fields)
    if isinstance(fields, FrontFields):
        faults += _front_faults(front, posixpath.join(posixpath.dirname(source), name), facts)
    slug = getattr(fields, "slug", None) or name
    key = posixpath.join(posixpath.dirname(source), name)
    url = _url(fields, slug, lang, facts, layout)
    return Document(path, source, key, lang, slug, url, fields, body, front.lines), faults


def _name_and_language(source: str, facts: Facts) -> tuple[str, str]:
    """`articles/x.km.md` → ("x", "km"); ("x", "") where the name tells no language."""
    name = posixpath.basename(source).removesuffix(".md")
    stem, _, suffix = name.rpartition(".")
    return (stem, suffix) if stem and suffix in facts.languages else (name, "")


def _written_language(data: Mapping[str, Any], facts: Facts) -> str:
    written = data.get("lang")
    return written if written in facts.languages else facts.languages[0]


def _slug_faults(front: FrontMatter, name: str) -> Iterator[Fault]:
    if not front.data.get("slug") and not SLUG.fullmatch(name):
        remedy = f"rename it to {slugify(name)!r} (small letters a-z, digits and hyphens)"
        yield 1, f"the file's name {name!r} cannot be an address", remedy


def _without_empty(value: Any) -> Any:
    """Front matter without the fields left empty, as a template's are: they are as good as missing."""
    if isinstance(value, dict):
        return {key: _without_empty(item) for key, item in value.items() if item != ""}
    if isinstance(value, list):
        return [_without_empty(item) for item in value]
    return value


def _texts(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Every text of the front matter with the name of its field."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _texts(item, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list):
        for n, item in enumerate(value):
            yield from _texts(item, f"{name}.{n}")
    elif isinstance(value, str):
        yield name, value


def _text_faults(front: FrontMatter) -> Iterator[Fault]:
    for name, text in _texts(front.data):
        line, field = front.lines.get(name, 1), name.split(".")[0]
        for _, message, remedy in unfinished(text):
            yield line, f"{field}: {message}", remedy
        if control := CONTROL.search(text):  # written as an escape, such as "\\x07"
            yield line, f"{field}: the control character U+{ord(control[0]):04X} is in the text", "delete it"


def _article_faults(front: FrontMatter, fields: ArticleFields) -> Iterator[Fault]:
    def line(name: str) -> int:
        return front.lines.get(name, 1)

    hero = fields.hero
    if hero and hero.caption and same_text(hero.alt or "", hero.caption):
        yield line("hero.alt"), "the hero's alt text repeats its caption", "say in alt what the picture shows"
    if fields.embargo and fields.embargo < fields.date:
        message = f"the embargo ({_day(fields.embargo)}) ends before the date ({_day(fields.date)})"
        yield line("embargo"), message, "set the date to the moment of publication, or drop the embargo"
    if fields.modified and fields.modified < fields.date:
        message = f"modified ({_day(fields.modified)}) is before the date ({_day(fields.date)})"
        yield line("modified"), message, "correct one of them"
    if fields.retraction and fields.status != "retracted":
        message = f"there is a retraction, but status is {fields.status!r}"
        yield line("retraction"), message, "write status: retracted, or delete the retraction"
    elif fields.status == "retracted" and not fields.retraction:
        yield line("status"), "status is 'retracted', and retraction is missing", "write retraction: {date, notice}"
    for n, correction in enumerate(fields.corrections):
        if correction.date < fields.date:
            message = f"the correction of {_day(correction.date)} is before publication ({_day(fields.date)})"
            yield line(f"corrections.{n}.date"), message, "give the day on which it was corrected"


def _front_faults(front: FrontMatter, key: str, facts: Facts) -> Iterator[Fault]:
    """What is wrong with the place of a front, or with what stands in it for its place."""
    of, _, name = key.removeprefix("fronts/").rpartition("/")
    if of == "" and name == "index":
        if front.body.strip():
            yield front.body_line, "the front page shows no introduction", "delete the text; lead and blocks stay"
        return
    if of not in LISTS:
        remedy = f"name it fronts/index.md, or put it into {', '.join(f'fronts/{each}/' for each in LISTS)}"
        yield 1, "the file introduces no list of the site", remedy
    if of == "sections" and name not in facts.sections.values():
        remedy = did_you_mean(name, facts.sections.values(), "name it as the section's id in pelicanconf.py")
        yield 1, f"{name!r} is not the id of a section", remedy
    for field_name in ("lead", "blocks"):
        if field_name in front.data:
            message = f"{field_name} belongs to the front page"
            yield front.lines.get(field_name, 1), message, "write it in fronts/index.md"


def _day(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M").removesuffix(" 00:00")


def _url(fields: Any, slug: str, lang: str, facts: Facts, layout: Layout) -> str:
    if isinstance(fields, AuthorFields | FrontFields):
        return ""
    prefix = "" if lang == facts.languages[0] else f"{lang}/"
    if isinstance(fields, PageFields):
        return prefix + (fields.save_as or layout.page.format(slug=slug))
    return prefix + layout.article.format(slug=slug, date=fields.date.astimezone(facts.timezone))
