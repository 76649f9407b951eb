"""A reading as plain data: what worker processes send and the cache keeps, and how it becomes a document again.

A row is `Light`, which every build needs of every file, and `Full`, which only the pages of the document need.
Both are msgpack; whatever does not decode to exactly these types is no row (msgspec.MsgspecError).
"""

from __future__ import annotations

from typing import Any, cast

import msgspec

from newsroom.articles.body import locate
from newsroom.articles.fieldtypes import Facts
from newsroom.articles.reader import KINDS, Layout, Reading, read
from newsroom.articles.schema import (
    AnyDocument,
    ArticleFields,
    AuthorFields,
    Body,
    Document,
    Entry,
    FrontFields,
    Inset,
    PageFields,
    Part,
    Reference,
    Shown,
)
from newsroom.articles.slugs import slugify
from newsroom.errors import Problem

Batch = list[tuple[str, bytes, bytes]]  # of each file: its source path, its version, its bytes
Place = tuple[str, str, int, str, str]  # a Reference


class Light(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A document's entry, or None and the problems; `draft` tells whether they stop a build."""

    entry: Entry | None
    problems: tuple[tuple[str, int, str, str], ...] = ()
    draft: bool = False

    def found(self) -> list[Problem]:
        return [Problem(*each) for each in self.problems]


class Full(msgspec.Struct, frozen=True, array_like=True):
    """The front matter as written, the line of each field, and the finished body."""

    written: dict[str, Any]
    lines: dict[str, int]
    html: str
    links: tuple[Place, ...]
    insets: tuple[tuple[Place, str, str, str, str], ...]


class Row(msgspec.Struct, frozen=True, array_like=True):
    """One file's reading; `full` is empty where there is no document."""

    light: bytes
    full: bytes


_row = msgspec.msgpack.Decoder(Row)
_light = msgspec.msgpack.Decoder(Light)
_full = msgspec.msgpack.Decoder(Full)
_encode = msgspec.msgpack.Encoder().encode


def read_batch(batch: Batch, facts: Facts, layout: Layout) -> list[bytes]:
    """Read files in any process on any machine: the row of each."""
    return [encode(read(data, source, facts, layout), version, facts) for source, version, data in batch]


def encode(reading: Reading, version: bytes, facts: Facts) -> bytes:
    """The row of a reading whose source has this version."""
    document = reading.document
    problems = tuple((each.path, each.line, each.message, each.remedy) for each in reading.problems)
    if document is None:
        return _encode(Row(_encode(Light(None, problems, reading.draft)), b""))
    light = Light(make_entry(document, version, facts), problems, reading.draft)
    body = document.body
    links = tuple(_place(each) for each in body.links)
    insets = tuple((_place(each.reference), each.alt, each.caption, each.credit, each.licence) for each in body.insets)
    full = Full(dict(reading.written), dict(document.lines), body.html, links, insets)
    return _encode(Row(_encode(light), _encode(full)))


def decode_light(row: bytes) -> Light:
    """What every build needs of a row. Raises msgspec.MsgspecError for bytes that are none."""
    return _light.decode(_row.decode(row).light)


def recalled(row: bytes | None, source: str) -> Light | None:
    """What a row of the cache says of this file; None where it is no row, or another file's, and counts as missing."""
    try:
        light = decode_light(row) if row else None
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    return None if light and light.entry and light.entry.source != source else light


def decode_document(row: bytes, layout: Layout, facts: Facts) -> AnyDocument:
    """The document of a row that has one. Raises msgspec.MsgspecError or pydantic's for bytes that are none."""
    stored = _row.decode(row)
    entry, full = _light.decode(stored.light).entry, _full.decode(stored.full)
    if entry is None:
        raise msgspec.ValidationError("the row holds no document")
    fields: Any = KINDS[entry.kind].model_validate(full.written, context=facts)
    links = tuple(Reference(*each) for each in full.links)
    insets = tuple(Inset(Reference(*place), *said) for place, *said in full.insets)
    body = Body(full.html, frozenset(entry.ids), links, insets)
    path = f"{layout.folder}/{entry.source}"
    made = Document(path, entry.source, entry.key, entry.lang, entry.slug, entry.url, fields, body, full.lines)
    return cast(AnyDocument, made)


def _place(each: Reference) -> Place:
    return each.target, each.fragment, each.line, each.field, each.written


def make_entry(document: AnyDocument, version: bytes, facts: Facts) -> Entry:
    """What the rest of the site must know of a document."""
    fields, body = document.fields, document.body
    common: dict[str, Any] = {
        **{name: getattr(document, name) for name in ("source", "key", "lang", "slug", "url")},
        "version": version,
        "links": tuple((each.target, each.fragment) for each in body.links),
        "images": tuple(each.reference.target for each in body.insets),
        "unsaid": tuple((each.reference.target, each.unsaid) for each in body.insets if each.unsaid),
        "ids": tuple(sorted(body.ids)),
    }
    if isinstance(fields, AuthorFields):
        return _author(fields, document.source, common)
    if isinstance(fields, FrontFields):
        return Entry(**common, title="", lead=fields.lead or "", blocks=fields.blocks)
    common |= {"title": fields.title, "summary": fields.summary, "status": fields.status, "aliases": fields.aliases}
    if isinstance(fields, PageFields):
        return Entry(**common, position=fields.position)
    return _article(fields, document.source, common, facts)


def _author(fields: AuthorFields, source: str, common: dict[str, Any]) -> Entry:
    photo, shown = fields.photo, None
    if photo:
        shown = Shown(locate(photo.image, source)[0], photo.alt or "", photo.credit or "")
        common["images"] = (shown.source, *common["images"])
    profiles = tuple((link.name, link.url) for link in fields.links)
    organisation = fields.kind == "organisation"
    return Entry(**common, title=fields.name, hero=shown, organisation=organisation, profiles=profiles)


def _article(fields: ArticleFields, source: str, common: dict[str, Any], facts: Facts) -> Entry:
    hero, series, withdrawn = fields.hero, fields.series, fields.retraction
    local = fields.date.astimezone(facts.timezone)
    shown = None
    if hero:
        picture = locate(hero.image, source)[0]
        texts = (hero.alt, hero.credit, hero.caption, hero.licence, hero.focus)
        shown = Shown(picture, *(each or "" for each in texts))
        common["images"] = (picture, *common["images"])
    corrections = sorted(fields.corrections, key=lambda each: each.date)
    changed = max([fields.modified or fields.date, fields.date, *(each.date for each in corrections)])
    return Entry(
        **common,
        date=int(fields.date.timestamp()),
        changed=int(changed.timestamp()),
        embargo=int(fields.embargo.timestamp()) if fields.embargo else None,
        month=(local.year, local.month),
        section=fields.category,
        type=fields.type,
        authors=tuple((each.author, each.role or "") for each in fields.authors),
        topics=tuple((slugify(tag), tag) for tag in fields.tags),
        series=Part(slugify(series.name), series.name, series.part) if series else None,
        related=fields.related,
        corrections=tuple((int(each.date.timestamp()), each.text) for each in corrections),
        retraction=(int(withdrawn.date.timestamp()), withdrawn.notice or "") if withdrawn else None,
        hero=shown,
    )
