"""The archive: everything in the content folder, read."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath

from newsroom.articles.fieldtypes import Facts
from newsroom.articles.reader import KINDS, LARGEST, Layout, Reading, read
from newsroom.articles.schema import AnyDocument, Article, ArticleFields, Author, AuthorFields, Page, PageFields
from newsroom.errors import Problem

_MISNAMED = {".markdown", ".mkd", ".mdown", ".txt", ".rst", ".html", ".htm", ".docx", ".doc", ".odt", ".rtf"}
Progress = Callable[[str, int, int], None]  # what is being done, how many are done, of how many


@dataclass
class Archive:
    """Documents by source path, all files by source path, and what is wrong with them."""

    documents: dict[str, AnyDocument] = field(default_factory=dict)
    files: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
    drafts: set[str] = field(default_factory=set)  # paths whose problems do not stop a build

    def articles(self) -> list[Article]:
        """Every article, oldest first; those of one moment in the order of their addresses."""
        found = (each for each in self.documents.values() if isinstance(each.fields, ArticleFields))
        return sorted(found, key=lambda article: (article.fields.date, article.url))

    def pages(self) -> list[Page]:
        """Every page in the order of its position."""
        found = [each for each in self.documents.values() if isinstance(each.fields, PageFields)]
        return sorted(found, key=lambda page: (page.fields.position, page.url))

    def authors(self) -> list[Author]:
        """Every author's profile, one for each language it is written in."""
        found = (each for each in self.documents.values() if isinstance(each.fields, AuthorFields))
        return sorted(found, key=lambda author: author.source)

    def public(self, now: datetime, drafts: bool) -> Archive:
        """The part that readers may see at `now`; with `drafts`, all of it, as a preview shows."""
        seen = {source: each for source, each in self.documents.items() if drafts or is_due(each, now)}
        if not drafts:
            named = _named_authors(seen.values())
            seen = {
                source: each
                for source, each in seen.items()
                if not isinstance(each.fields, AuthorFields) or each.slug in named
            }
        return Archive(seen, self.files, self.problems, self.drafts)


def _named_authors(documents: Iterable[AnyDocument]) -> set[str]:
    """The ids of authors whom public articles and pages name or link to, and those whom these link to in turn. Of
    others, such as the author of a secret draft, not even the name is published."""
    profiles: dict[str, list[AnyDocument]] = {}
    reached: list[AnyDocument] = []
    for document in documents:
        if isinstance(document.fields, AuthorFields):
            profiles.setdefault(document.slug, []).append(document)
        else:
            reached.append(document)
    named: set[str] = set()
    while reached:
        document = reached.pop()
        targets = (PurePosixPath(link.target) for link in document.body.links)
        found = {target.name.split(".")[0] for target in targets if target.parts[:1] == ("authors",)}
        if isinstance(document.fields, ArticleFields):
            found |= {byline.author for byline in document.fields.authors}
        for author in found - named:
            reached += profiles.get(author, [])
        named |= found
    return named


def is_due(document: AnyDocument, now: datetime) -> bool:
    """Whether readers may see a document at `now`: published, not dated later, not under embargo."""
    fields = document.fields
    if isinstance(fields, AuthorFields):
        return True
    if fields.status != "published":
        return False
    if not isinstance(fields, ArticleFields):
        return True
    return fields.date <= now and (fields.embargo is None or fields.embargo <= now)


def read_archive(content: Path, facts: Facts, layout: Layout, progress: Progress) -> Archive:
    """Read every Markdown file in articles/, pages/ and authors/ of the content folder."""
    archive = Archive()
    archive.files, archive.problems = _walk(content, layout.folder)
    sources = sorted(name for name in archive.files if name.endswith(".md") and name.partition("/")[0] in KINDS)
    for done, source in enumerate(sources, 1):
        reading = _read_file(content / source, source, facts, layout)
        archive.problems += reading.problems
        if reading.document:
            archive.documents[source] = reading.document
        if reading.draft:
            archive.drafts.add(f"{layout.folder}/{source}")
        progress("Reading", done, len(sources))
    return archive


def _read_file(path: Path, source: str, facts: Facts, layout: Layout) -> Reading:
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        problem = Problem(f"{layout.folder}/{source}", 1, f"cannot be read ({error.strerror})", "mend its permissions")
        return Reading(None, (problem,))
    return read(data if size <= LARGEST else b"\0" * size, source, facts, layout)


def _walk(content: Path, folder: str) -> tuple[set[str], list[Problem]]:
    """The files below the content folder, and what is wrong with their names. Links to folders are refused."""
    files: set[str] = set()
    problems: list[Problem] = []
    root = Path(os.path.realpath(content))
    for where, folders, names in os.walk(content):
        here = PurePosixPath(Path(where).relative_to(content).as_posix())
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        linked = [name for name in folders if os.path.islink(os.path.join(where, name))]
        problems += [_link_problem(f"{folder}/{here / name}") for name in linked]
        for name in sorted(names):
            if name.startswith((".", "~")) or name.endswith("~"):
                continue
            if not Path(os.path.realpath(os.path.join(where, name))).is_relative_to(root):
                problems.append(_link_problem(f"{folder}/{here / name}"))
                continue
            files.add(str(here / name))
    problems += _misnamed(sorted(files), folder)
    return files, problems


def _link_problem(path: str) -> Problem:
    return Problem(path, 1, "is a symbolic link out of its folder", "copy the file itself here")


def _misnamed(files: Iterable[str], folder: str) -> Iterator[Problem]:
    for name in files:
        path = PurePosixPath(name)
        if path.parts[0] not in KINDS:
            if path.suffix == ".md" and path.name != "README.md":
                remedy = f"move it into {', '.join(f'{folder}/{kind}/' for kind in KINDS)}"
                yield Problem(f"{folder}/{name}", 1, "the file lies where nothing is read", remedy)
            continue
        if path.suffix.lower() in _MISNAMED or (path.suffix.lower() == ".md" and path.suffix != ".md"):
            stem = path.name.removesuffix(path.suffix).removesuffix(".md")
            yield Problem(f"{folder}/{name}", 1, f"a {path.suffix} file is not read", f"save it as '{stem}.md'")
