"""The archive: everything in the content folder, read."""

from __future__ import annotations

import os
import posixpath
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path, PurePosixPath

import msgspec

from newsroom.articles.fieldtypes import Facts
from newsroom.articles.reader import KINDS, LARGEST, Layout
from newsroom.articles.schema import Entry
from newsroom.articles.stored import Batch, Light, decode_light, read_batch, recalled
from newsroom.errors import Problem
from newsroom.files import Signature, signature, version_of

BATCH, BATCH_BYTES = 64, 2_000_000  # files, bytes of files that travel together

_MISNAMED = {".markdown", ".mkd", ".mdown", ".txt", ".rst", ".html", ".htm", ".docx", ".doc", ".odt", ".rtf"}
Progress = Callable[[str, int, int], None]  # what is being done, how many are done, of how many


class Known(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What the last build found in a file: its signature, (), if that cannot be trusted, and its reading."""

    signature: Signature
    version: bytes
    light: Light


@dataclass(frozen=True)
class Memory:
    """What is remembered of earlier builds, and where work can be done.

    `salt` stands for what a reading depends on besides the file; `known` is by source; `recall` answers the row of a
    version and `store` keeps rows; `run(function, batches)` yields each batch's result in order.
    """

    salt: bytes
    known: Mapping[str, Known]
    recall: Callable[[bytes], bytes | None]
    store: Callable[[Iterable[tuple[bytes, bytes]]], None]
    run: Callable[[Callable[[Batch], list[bytes]], Iterable[Batch]], Iterable[list[bytes]]]


@dataclass
class Archive:
    """Entries by source, every file's signature, and what is wrong with them."""

    entries: dict[str, Entry] = field(default_factory=dict)
    files: dict[str, Signature] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    drafts: set[str] = field(default_factory=set)  # paths whose problems do not stop a build
    known: dict[str, Known] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)  # sources of drafts that cannot be read yet
    seen: int = 0  # when the folder was looked at, in nanoseconds
    read: int = 0  # files whose bytes were not known

    def articles(self) -> list[Entry]:
        """Every article, oldest first; those of one moment in the order of their addresses."""
        found = (each for each in self.entries.values() if each.kind == "articles")
        return sorted(found, key=lambda article: (article.date, article.url))

    def authors(self) -> list[Entry]:
        """Every author's profile, one for each language it is written in."""
        return sorted((each for each in self.entries.values() if each.kind == "authors"), key=lambda each: each.source)

    def counted(self, kind: str) -> int:
        """How many files of a kind there are, those that cannot be read among them."""
        return sum(source.startswith(f"{kind}/") for source in self.known)

    def public(self, now: datetime, drafts: bool) -> dict[str, Entry]:
        """The entries that readers may see at `now`; with `drafts`, all of them, as a preview shows."""
        moment = now.timestamp()
        seen = {source: each for source, each in self.entries.items() if is_due(each, moment)}
        if drafts:
            seen = {source: each for source, each in self.entries.items() if each.status != "retracted"}
        lists = _lists(seen.values())
        seen = {source: each for source, each in seen.items() if each.kind != "fronts" or _is_listed(each, lists)}
        if drafts:
            return seen
        named = _named_authors(seen.values())
        return {source: each for source, each in seen.items() if each.kind != "authors" or each.slug in named}

    def retracted(self, now: datetime) -> list[Entry]:
        """The articles in whose place readers find a notice; one that nobody could read before `now` has none."""
        moment = now.timestamp()
        found = (each for each in self.entries.values() if each.status == "retracted" and _has_come(each, moment))
        return sorted(found, key=lambda each: each.source)


def _lists(entries: Iterable[Entry]) -> set[tuple[str, str]]:
    """(language, list) of every list that these articles make, such as ("en", "topics/x")."""
    found: set[tuple[str, str]] = set()
    for each in entries:
        if each.kind == "articles":
            found |= {(each.lang, "index"), (each.lang, f"sections/{each.section}")}
            found |= {(each.lang, f"topics/{slug}") for slug, _ in each.topics}
            if each.series:
                found.add((each.lang, f"series/{each.series.slug}"))
    return found


def _is_listed(front: Entry, lists: set[tuple[str, str]]) -> bool:
    """Whether there is a page for a front: what introduces an embargoed series waits with it."""
    return (front.lang, front.key.removeprefix("fronts/")) in lists


def _named_authors(entries: Iterable[Entry]) -> set[str]:
    """The ids of authors whom public articles and pages name or link to, and those whom these link to in turn. Of
    others, such as the author of a secret draft, not even the name is published."""
    profiles: dict[str, list[Entry]] = {}
    reached: list[Entry] = []
    for entry in entries:
        if entry.kind == "authors":
            profiles.setdefault(entry.slug, []).append(entry)
        else:
            reached.append(entry)
    named: set[str] = set()
    while reached:
        entry = reached.pop()
        found = {posixpath.basename(to).split(".")[0] for to, _ in entry.links if to.startswith("authors/")}
        found.update(author for author, _ in entry.authors)
        for author in found - named:
            reached += profiles.get(author, [])
        named |= found
    return named


def is_due(entry: Entry, now: float) -> bool:
    """Whether readers may see a document at `now`: published, not dated later, not under embargo."""
    return entry.status == "published" and _has_come(entry, now)


def _has_come(entry: Entry, now: float) -> bool:
    return entry.date <= now and (entry.embargo is None or entry.embargo <= now)


def read_archive(content: Path, facts: Facts, layout: Layout, memory: Memory, progress: Progress) -> Archive:
    """Read every Markdown file in articles/, pages/ and authors/ of the content folder that is not known."""
    archive = Archive(seen=time.time_ns())
    archive.files, archive.problems = _walk(content, layout.folder)
    sources = sorted(name for name in archive.files if name.endswith(".md") and name.partition("/")[0] in KINDS)
    changed = []
    for source in sources:
        known = memory.known.get(source)
        if known and known.signature == archive.files[source]:
            archive.known[source] = known
        else:
            changed.append(source)
    reader = _Reader(content, facts, layout, memory, archive)
    for done in reader.read(changed):
        progress("Reading", len(sources) - len(changed) + done, len(sources))
    if not changed:
        progress("Reading", len(sources), len(sources))
    for source in sources:
        light = archive.known[source].light
        archive.problems += light.found()
        if light.entry:
            archive.entries[source] = light.entry
        if light.draft:
            archive.drafts.add(f"{layout.folder}/{source}")
            if light.entry is None:
                archive.unread.add(source)
    return archive


@dataclass
class _Reader:
    """Reads files into `archive.known`: from the rows that are remembered, else by whom `memory.run` asks."""

    content: Path
    facts: Facts
    layout: Layout
    memory: Memory
    archive: Archive
    waiting: deque[Batch] = field(default_factory=deque)  # batches under way, first the one whose result comes next
    done: int = 0

    def read(self, sources: Iterable[str]) -> Iterator[int]:
        """Read the files; yields how many are done, now and then."""
        work = partial(read_batch, facts=self.facts, layout=self.layout)
        for rows in self.memory.run(work, self._batches(sources)):
            batch = self.waiting.popleft()
            self.memory.store((version, row) for (_, version, _), row in zip(batch, rows, strict=True))
            for (source, version, _), row in zip(batch, rows, strict=True):
                self._know(source, version, decode_light(row))
            self.archive.read += len(batch)
            yield self.done
        yield self.done

    def _batches(self, sources: Iterable[str]) -> Iterator[Batch]:
        batch: Batch = []
        size = 0
        for source in sources:
            found = self._find(source)
            if found is None:
                continue
            batch.append(found)
            size += len(found[2])
            if len(batch) >= BATCH or size > BATCH_BYTES:
                yield self._begun(batch)
                batch, size = [], 0
        if batch:
            yield self._begun(batch)

    def _begun(self, batch: Batch) -> Batch:
        self.waiting.append([(source, version, b"") for source, version, _ in batch])
        return batch

    def _find(self, source: str) -> tuple[str, bytes, bytes] | None:
        """The file, if it must be read; what is remembered of these very bytes, or cannot be read, is known at once."""
        data = _bytes(self.content / source)
        if isinstance(data, str):
            message = f"{self.layout.folder}/{source}", 1, f"cannot be read ({data})", "mend its permissions"
            self.archive.files[source] = ()  # look again
            self._know(source, b"", Light(None, (message,)))
            return None
        version = version_of(self.memory.salt, source, data)
        light = recalled(self.memory.recall(version), source)
        if light is None:
            return source, version, data
        self._know(source, version, light)
        return None

    def _know(self, source: str, version: bytes, light: Light) -> None:
        self.archive.known[source] = Known(self.archive.files[source], version, light)
        self.done += 1


def _bytes(path: Path) -> bytes | str:
    """The file's bytes, more than LARGEST of them as so many noughts; or why it cannot be read."""
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            return file.read(LARGEST + 1) if size <= LARGEST else b"\0" * size
    except OSError as error:
        return error.strerror or type(error).__name__


def _walk(content: Path, folder: str) -> tuple[dict[str, Signature], list[Problem]]:
    """The files below the content folder, and what is wrong with their names. Links to folders are refused."""
    files: dict[str, Signature] = {}
    problems: list[Problem] = []
    root = Path(os.path.realpath(content))
    folders = [""]
    while folders:
        here = folders.pop()
        with os.scandir(content / here) as found:
            entries = sorted(found, key=lambda each: each.name)
        for entry in entries:
            name = f"{here}{entry.name}"
            if not _is_text(name):
                shown = name.encode("utf-8", "replace").decode()
                problems.append(Problem(f"{folder}/{shown}", 1, "the file's name is not UTF-8", "rename it"))
                continue
            if entry.name.startswith(".") or (not entry.is_dir() and (entry.name[0] == "~" or entry.name[-1] == "~")):
                continue
            if entry.is_symlink() and (entry.is_dir() or not Path(os.path.realpath(entry.path)).is_relative_to(root)):
                problems.append(_link_problem(f"{folder}/{name}"))
            elif entry.is_dir():
                folders.append(f"{name}/")
            else:
                files[name] = _signature(entry)
    problems += _misnamed(sorted(files), folder)
    return files, problems


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _signature(entry: os.DirEntry[str]) -> Signature:
    try:
        return signature(entry.stat())
    except OSError:  # gone since, or a link to nothing: reading it will tell
        return ()


def _link_problem(path: str) -> Problem:
    return Problem(path, 1, "is a symbolic link out of its folder", "copy the file itself here")


def _misnamed(files: Iterable[str], folder: str) -> Iterator[Problem]:
    for name in files:
        if name.endswith(".md") and name.partition("/")[0] in KINDS:
            continue
        path = PurePosixPath(name)
        if path.parts[0] not in KINDS:
            if path.suffix == ".md" and path.name != "README.md":
                remedy = f"move it into {', '.join(f'{folder}/{kind}/' for kind in KINDS)}"
                yield Problem(f"{folder}/{name}", 1, "the file lies where nothing is read", remedy)
            continue
        if path.suffix.lower() in _MISNAMED or (path.suffix.lower() == ".md" and path.suffix != ".md"):
            stem = path.name.removesuffix(path.suffix).removesuffix(".md")
            yield Problem(f"{folder}/{name}", 1, f"a {path.suffix} file is not read", f"save it as '{stem}.md'")
