"""Rules that need to see more than one file. Each is a generator of `Problem`; none stops at the first.

They look at entries, of which the archive holds every one; only to tell the line of a mistake is a document loaded.
"""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from itertools import pairwise

from newsroom.articles.archive import Archive
from newsroom.articles.body import locate, same_text
from newsroom.articles.reader import KINDS
from newsroom.articles.schema import TOLD, AnyDocument, ArticleFields, AuthorFields, Entry, Reference
from newsroom.errors import Problem, did_you_mean

Inspect = Callable[[str], str | None]  # a picture's source → what is wrong with it, "message; remedy"
# a picture's source, a language → the alt text, caption, credit and licence that its own fields hold, or ""
Words = Callable[[str, str], tuple[str, str, str, str]]
Load = Callable[[Entry], AnyDocument]


def check_archive(
    archive: Archive, now: datetime, drafts: bool, inspect: Inspect, words: Words, load: Load
) -> Iterator[Problem]:
    """Every problem between the documents of the archive. `inspect` looks into a picture that exists, `words` reads
    what it says of itself."""
    public = archive.public(now, drafts)
    authors = {each.slug for each in archive.authors()}
    slugs: dict[str, set[str]] = defaultdict(set)
    for entry in archive.entries.values():
        if entry.kind == "articles":
            slugs[entry.lang].add(entry.slug)
    for entry in archive.entries.values():
        if entry.status == "retracted":
            continue  # what it shows and names may have been taken away to protect somebody
        if entry.source == f"{entry.key}.{entry.lang}.md" and f"{entry.key}.md" not in archive.files:
            yield _orphan(entry, load)
        if any(f"authors/{author}.md" not in archive.files for author, _ in entry.authors):
            yield from _authors(load(entry), archive.files, authors)
        if not all(_leads(link, entry, archive, public) for link in entry.links):
            yield from _links(load(entry), archive, public)
        if entry.images and any(each not in archive.files or inspect(each) for each in entry.images):
            yield from _images(load(entry), archive.files, inspect)
        elif entry.images:
            yield from _unsaid(entry, words, load)
        if any(slug == entry.slug or slug not in slugs[entry.lang] for slug in entry.related):
            yield from _related(load(entry), slugs[entry.lang])
    if fronts := [each for each in archive.entries.values() if each.kind == "fronts"]:
        yield from _fronts(fronts, archive, public, load)
    yield from _duplicate_slugs(archive, load)


def _orphan(entry: Entry, load: Load) -> Problem:
    original = posixpath.basename(entry.key)
    message = f"this is a translation, and its original {original + '.md'!r} is not there"
    remedy = f"add the original, or name this file {original + '.md'!r} and write lang: {entry.lang}"
    return Problem(load(entry).path, 1, message, remedy)


def _authors(document: AnyDocument, files: Iterable[str], known: set[str]) -> Iterator[Problem]:
    if not isinstance(document.fields, ArticleFields):
        return
    for n, byline in enumerate(document.fields.authors):
        if f"authors/{byline.author}.md" not in files:
            message = f"the author {byline.author!r} has no file content/authors/{byline.author}.md"
            remedy = did_you_mean(byline.author, known, "add that file, or correct the id")
            yield Problem(document.path, document.line(f"authors.{n}"), message, remedy)


def _leads(link: tuple[str, str], entry: Entry, archive: Archive, public: Mapping[str, Entry]) -> bool:
    """Whether a link is right; what is wrong with it, `_links` says."""
    target = archive.entries.get(link[0])
    if target is None:
        return link[0] in archive.files and link[0].endswith(".md") and not _unpublished(link[0], archive)
    if target.kind == "authors":
        return True
    return (link[0] in public or entry.source not in public) and (not link[1] or link[1] in target.ids)


def _unpublished(target: str, archive: Archive) -> bool:
    """Whether a Markdown file is no document of the site: a draft that cannot be read yet, or a README."""
    return target.partition("/")[0] not in KINDS or target in archive.unread


def _links(document: AnyDocument, archive: Archive, public: Mapping[str, Entry]) -> Iterator[Problem]:
    for link in document.body.links:
        target = archive.entries.get(link.target)
        if link.target not in archive.files:
            yield Problem(document.path, link.line, f"the link {link.written!r} leads nowhere", _nearest(link, archive))
        elif target is None:
            if not link.target.endswith(".md") or (document.source in public and _unpublished(link.target, archive)):
                message = f"the link {link.written!r} leads to a file that is not published"
                yield Problem(document.path, link.line, message, "show pictures with ![…](…), and link to pages only")
        elif target.kind == "authors":
            continue
        elif target.status == "retracted" and document.source in public:
            message = f"the link {link.written!r} leads to an article that was retracted"
            yield Problem(document.path, link.line, message, "take the link out")
        elif link.target not in public and document.source in public:
            message = f"the link {link.written!r} leads to an article that is not public yet"
            yield Problem(document.path, link.line, message, "publish that one first, or take the link out")
        elif link.fragment and link.fragment not in target.ids:
            message = f"the link {link.written!r} leads to no heading of {target.source!r}"
            remedy = did_you_mean(link.fragment, target.ids, "see that file's headings")
            yield Problem(document.path, link.line, message, remedy)


def _nearest(link: Reference, archive: Archive) -> str:
    names = {posixpath.basename(name): name for name in sorted(archive.files) if name.endswith(".md")}
    name = posixpath.basename(link.target)
    if name in names:
        return f"that file is '/{names[name]}'"
    return did_you_mean(name, names, "name the source file, such as 'other-article.md'")


def _pictures(document: AnyDocument) -> Iterator[Reference]:
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
    yield from (each.reference for each in document.body.insets)


def _images(document: AnyDocument, files: Iterable[str], inspect: Inspect) -> Iterator[Problem]:
    for picture in _pictures(document):
        if picture.target not in files:
            message = f"the picture {picture.written!r} is not there"
            yield Problem(document.path, picture.line, message, _nearest_picture(picture, files))
        elif fault := inspect(picture.target):
            message, _, remedy = fault.partition("; ")
            yield Problem(document.path, picture.line, f"the picture {picture.written!r} {message}", remedy)


def _unsaid(entry: Entry, words: Words, load: Load) -> Iterator[Problem]:
    """What neither the document nor the picture itself says of a picture."""
    hero = entry.hero
    field = "photo" if entry.kind == "authors" else "hero"
    alt, caption, credit, _ = words(hero.source, entry.lang) if hero else ("", "", "", "")
    if hero and not (hero.alt or alt):
        message = f"the {field} has no alt text, and the picture's file holds none"
        yield Problem(load(entry).path, load(entry).line(f"{field}.alt"), message, f"say in {field}.alt what it shows")
    elif hero and field == "hero" and same_text(hero.alt or alt, hero.caption or caption):
        message = "the hero's alt text repeats its caption"
        yield Problem(load(entry).path, load(entry).line("hero.alt"), message, "say in alt what the picture shows")
    if hero and not (hero.credit or credit):
        message = f"the {field} has no credit, and the picture's file holds none"
        yield Problem(
            load(entry).path, load(entry).line(f"{field}.credit"), message, f"say in {field}.credit who made it"
        )
    if any(_wants(names, words(source, entry.lang)) for source, names in entry.unsaid):
        yield from _unsaid_in_text(load(entry), words)


def _wants(unsaid: Iterable[str], own: tuple[str, ...]) -> bool:
    """Whether a picture's own words must be looked at beside its author's: they may be missing, or be the same."""
    _, caption, credit, _ = own
    return "alt" in unsaid or ("credit" in unsaid and not credit) or ("caption" in unsaid and bool(caption))


def _unsaid_in_text(document: AnyDocument, words: Words) -> Iterator[Problem]:
    for inset in document.body.insets:
        written, line = inset.reference.written, inset.reference.line
        alt, caption, credit, _ = words(inset.reference.target, document.lang)
        if not (inset.alt or alt):
            message = f"the picture {written!r} has no alt text"
            yield Problem(document.path, line, message, "say between the [ ] what it shows")
        if not (inset.credit or credit):
            message = f"the picture {written!r} has no credit, and its file holds none"
            yield Problem(document.path, line, message, "write 'Credit: …' on a line of its own right below it")
        if same_text(inset.alt or alt, inset.caption or caption) and not (inset.alt and inset.caption):
            message = f"the alt text of {written!r} repeats its caption"
            yield Problem(document.path, line, message, "say in the [ ] what the picture shows")


def told_by_pictures(entries: Iterable[Entry], words: Words, load: Load) -> Iterator[str]:
    """Notes on what documents leave out and their pictures say themselves, for an editor to read it over."""
    for entry in entries:
        hero = entry.hero
        if hero:
            written = {"alt": hero.alt, "caption": hero.caption, "credit": hero.credit, "licence": hero.licence}
            used = ("alt", "credit") if entry.kind == "authors" else TOLD
            unsaid = [name for name in used if not written[name]]
            if found := _own(unsaid, words(hero.source, entry.lang)):
                field = "photo.image" if entry.kind == "authors" else "hero.image"
                document = load(entry)
                yield f"{document.path}:{document.line(field)}: the picture {_named(hero.source)} itself says {found}"
        if any(_own(unsaid, words(source, entry.lang)) for source, unsaid in entry.unsaid):
            document = load(entry)
            for inset in document.body.insets:
                at = inset.reference
                if found := _own(inset.unsaid, words(at.target, entry.lang)):
                    yield f"{document.path}:{at.line}: the picture {_named(at.target)} itself says {found}"


def _own(unsaid: Iterable[str], own: tuple[str, ...]) -> str:
    told = dict(zip(TOLD, own, strict=True))
    return ", ".join(f"{name} {told[name]!r}" for name in unsaid if told[name])


def _named(source: str) -> str:
    return repr(posixpath.basename(source))


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


def _fronts(fronts: Iterable[Entry], archive: Archive, public: Mapping[str, Entry], load: Load) -> Iterator[Problem]:
    """Fronts that introduce nothing, arrange what another does, or whose lead is no public article."""
    known: dict[tuple[str, str], set[str]] = defaultdict(set)  # by language and kind of list
    for each in archive.entries.values():
        known[each.lang, "topics"].update(slug for slug, _ in each.topics)
        known[each.lang, "series"].update([each.series.slug] if each.series else [])
        if each.kind == "articles" and each.source in public:
            known[each.lang, "leads"].add(each.slug)
    first: dict[tuple[str, str], str] = {}
    for front in sorted(fronts, key=lambda each: each.source):
        of, _, name = front.key.removeprefix("fronts/").rpartition("/")
        found = known[front.lang, of]
        if of in ("topics", "series") and name not in found:
            message = f"no article has the {'topic' if of == 'topics' else of} {name!r}"
            remedy = did_you_mean(name, found, "correct the file's name, or delete it")
            yield Problem(load(front).path, 1, message, remedy)
        if (twin := first.setdefault((front.key, front.lang), front.source)) != front.source:
            message = f"it arranges the same list as {twin!r}"
            yield Problem(load(front).path, 1, message, "keep one of the two files")
        if front.lead and front.lead not in known[front.lang, "leads"]:
            document = load(front)
            message = f"lead {front.lead!r} is not a public article in this language"
            remedy = did_you_mean(front.lead, known[front.lang, "leads"], "write an article's slug, or delete the line")
            yield Problem(document.path, document.line("lead"), message, remedy)


def _duplicate_slugs(archive: Archive, load: Load) -> Iterator[Problem]:
    groups: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    for article in archive.articles():
        groups[article.lang, article.slug].append(article)
    for (_, slug), group in groups.items():
        for one, other in pairwise(group):
            if one.url != other.url:  # one address for two files is reported with the addresses
                document = load(other)
                message = f"the slug {slug!r} is also that of {load(one).path}"
                yield Problem(document.path, document.line("slug"), message, "give one of them another slug")
