"""Rules that need to see more than one file. Each is a generator of `Problem`; none stops at the first."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from itertools import pairwise

from newsroom.articles.archive import Archive
from newsroom.articles.body import locate
from newsroom.articles.schema import AnyDocument, ArticleFields, AuthorFields, Reference
from newsroom.errors import Problem, did_you_mean

Inspect = Callable[[str], str | None]  # a picture's source → what is wrong with it, "message; remedy"


def check_archive(
    archive: Archive, default_lang: str, now: datetime, drafts: bool, inspect: Inspect
) -> Iterator[Problem]:
    """Every problem between the documents of the archive. `inspect` looks into a picture that exists."""
    public = archive.public(now, drafts).documents
    authors = {each.slug for each in archive.authors()}
    slugs: dict[str, set[str]] = defaultdict(set)
    for article in archive.articles():
        slugs[article.lang].add(article.slug)
    for document in archive.documents.values():
        yield from _translation(document, archive, default_lang)
        yield from _authors(document, archive.files, authors)
        yield from _links(document, archive, public)
        yield from _images(document, archive.files, inspect)
        yield from _related(document, slugs[document.lang])
    yield from _duplicate_slugs(archive)


def _translation(document: AnyDocument, archive: Archive, default_lang: str) -> Iterator[Problem]:
    suffixed = document.source == f"{document.key}.{document.lang}.md"
    if suffixed and f"{document.key}.md" not in archive.files:
        original = posixpath.basename(document.key)
        message = f"this is a translation, and its original {original + '.md'!r} is not there"
        remedy = f"add the original, or name this file {original + '.md'!r} and write lang: {document.lang}"
        yield Problem(document.path, 1, message, remedy)
    written = getattr(document.fields, "lang", None)
    if suffixed and written and written != document.lang:
        message = f"lang is {written!r}, but the file's name says {document.lang!r}"
        yield Problem(document.path, document.line("lang"), message, "delete the lang field")


def _authors(document: AnyDocument, files: set[str], known: set[str]) -> Iterator[Problem]:
    if not isinstance(document.fields, ArticleFields):
        return
    for n, byline in enumerate(document.fields.authors):
        if f"authors/{byline.author}.md" not in files:
            message = f"the author {byline.author!r} has no file content/authors/{byline.author}.md"
            remedy = did_you_mean(byline.author, known, "add that file, or correct the id")
            yield Problem(document.path, document.line(f"authors.{n}"), message, remedy)


def _links(document: AnyDocument, archive: Archive, public: Mapping[str, AnyDocument]) -> Iterator[Problem]:
    for link in document.body.links:
        target = archive.documents.get(link.target)
        if link.target not in archive.files:
            yield Problem(document.path, link.line, f"the link {link.written!r} leads nowhere", _nearest(link, archive))
        elif link.target not in archive.documents:
            if not link.target.endswith(".md"):
                message = f"the link {link.written!r} leads to a file that is not published"
                yield Problem(document.path, link.line, message, "show pictures with ![…](…), and link to pages only")
        elif target and isinstance(target.fields, AuthorFields):
            continue
        elif target and link.target not in public and document.source in public:
            message = f"the link {link.written!r} leads to an article that is not public yet"
            yield Problem(document.path, link.line, message, "publish that one first, or take the link out")
        elif target and link.fragment and link.fragment not in target.body.ids:
            message = f"the link {link.written!r} leads to no heading of {target.source!r}"
            remedy = did_you_mean(link.fragment, sorted(target.body.ids), "see that file's headings")
            yield Problem(document.path, link.line, message, remedy)


def _nearest(link: Reference, archive: Archive) -> str:
    names = {posixpath.basename(name): name for name in sorted(archive.files) if name.endswith(".md")}
    name = posixpath.basename(link.target)
    if name in names:
        return f"that file is '/{names[name]}'"
    return did_you_mean(name, names, "name the source file, such as 'other-article.md'")


def pictures(document: AnyDocument) -> Iterator[Reference]:
    """Every picture that a document shows, in its fields and in its body."""
    fields = document.fields
    written: list[tuple[str, str]] = []
    if isinstance(fields, ArticleFields) and fields.hero:
        written.append(("hero.image", fields.hero.image))
    if isinstance(fields, AuthorFields) and fields.photo:
        written.append(("photo.image", fields.photo.image))
    for name, value in written:
        target, _ = locate(value, document.source)
        yield Reference(target, "", document.line(name), name, value)
    yield from document.body.images


def _images(document: AnyDocument, files: Iterable[str], inspect: Inspect) -> Iterator[Problem]:
    for picture in pictures(document):
        if picture.target not in files:
            message = f"the picture {picture.written!r} is not there"
            yield Problem(document.path, picture.line, message, _nearest_picture(picture, files))
        elif fault := inspect(picture.target):
            message, _, remedy = fault.partition("; ")
            yield Problem(document.path, picture.line, f"the picture {picture.written!r} {message}", remedy)


def _nearest_picture(picture: Reference, files: Iterable[str]) -> str:
    names = {posixpath.basename(name): name for name in sorted(files) if not name.endswith(".md")}
    name = posixpath.basename(picture.target)
    return f"that file is '/{names[name]}'" if name in names else did_you_mean(name, names, "put it beside this file")


def _related(document: AnyDocument, known: set[str]) -> Iterator[Problem]:
    if not isinstance(document.fields, ArticleFields):
        return
    for n, slug in enumerate(document.fields.related):
        line = document.line(f"related.{n}")
        if slug == document.slug:
            yield Problem(document.path, line, "related pins the article to itself", "name another article")
        elif slug not in known:
            remedy = did_you_mean(slug, known, "write the slug of an article in the same language")
            yield Problem(document.path, line, f"related {slug!r} is not an article", remedy)


def _duplicate_slugs(archive: Archive) -> Iterator[Problem]:
    groups: dict[tuple[str, str], list[AnyDocument]] = defaultdict(list)
    for article in archive.articles():
        groups[article.lang, article.slug].append(article)
    for (_, slug), group in groups.items():
        for one, other in pairwise(group):
            if one.url != other.url:  # one address for two files is reported with the addresses
                message = f"the slug {slug!r} is also that of {one.path}"
                yield Problem(other.path, other.line("slug"), message, "give one of them another slug")
