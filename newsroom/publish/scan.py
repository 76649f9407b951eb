"""The scan: looks through a release before anything of it leaves, and tells every problem at once.

It asks of each file whether it is of a kind that is published, what is left in its pictures, whether it holds words of
what is not public, secrets, or paths of this computer, and whether what it leads to is there. It trusts neither the
build nor whoever added files to it: it reads bytes.
"""

from __future__ import annotations

import html
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from newsroom.errors import Problem
from newsroom.publish.canaries import Canaries, Secret, make_canaries
from newsroom.publish.contents import Content, contents, files_of, without_pictures
from newsroom.publish.credentials import credentials
from newsroom.publish.formats import PACKED, PICTURES, ending, faults, is_text
from newsroom.publish.manifest import PREVIOUS, PROOFS
from newsroom.publish.references import Links, References, folder_of, links_of, resolve, unused
from newsroom.publish.targets.base import Limits, Progress

# What names the files of releases, of earlier ones too, and addresses at which there is nothing any more.
_LISTINGS = frozenset((*PROOFS, PREVIOUS, "_headers", "_redirects"))
_PICTURES = "images/"  # the folder of the pictures that documents show
_REDIRECTS = "_redirects"
_ENDINGS = re.compile(r"(/index)?\.html?$|\.(atom|rss)\.xml$")
_SAMPLE = 300  # pages


@dataclass(frozen=True)
class Rules:
    """What a release is looked through for. `site` is SITEURL; `secrets` are the documents that are not public, and
    `public` answers all texts whose words anybody may read; `published` are names of files that readers know already;
    `private` are paths of this computer."""

    site: str
    secrets: tuple[Secret, ...] = ()
    public: Callable[[], Iterable[str]] = tuple
    published: frozenset[str] = frozenset()
    private: tuple[str, ...] = ()
    limits: tuple[Limits, ...] = ()


def scan(folder: Path, rules: Rules, progress: Progress) -> list[Problem]:
    """Every problem of the release that lies in a folder. The paths of problems are names of its files; what a packed
    file holds is named `x.zip!name`."""
    names = files_of(folder)
    canaries = make_canaries(rules.secrets)
    canaries.prepare((folder / name).read_bytes() for name in _sample(names) if (folder / name).is_file())
    reading = _Reading(rules, canaries)
    done = 0
    for content in contents(folder, names):
        reading.read(content)
        if content.name == content.outer:
            done += 1
            progress("Looking through", done, len(names))
    wrong, reached = resolve(reading.held, frozenset(names), rules.site)
    problems = [*reading.problems, *(_broken(folder, *each) for each in wrong)]
    problems += [*over_limits(folder, names, rules.limits)]
    problems += unused((name for name in names if ending(name) in PICTURES), reached, _PICTURES)
    if found := canaries.kept(rules.public(), reading.found) if reading.found else set():
        left = canaries.only(found)
        problems += (leak for content in contents(folder, names) for leak in leaks(content, rules, left))
    return sorted(set(problems))


def _sample(names: list[str]) -> list[str]:
    """Some of the pages, for which words are common."""
    pages = [name for name in names if name.endswith(".html")]
    return pages[:: len(pages) // _SAMPLE + 1]


def _broken(folder: Path, name: str, written: str, fault: str) -> Problem:
    data = (folder / name).read_bytes()
    message, _, remedy = fault.partition("; ")
    found = re.search(rb"(?<![\w./-])" + re.escape(written.encode()) + rb"(?![\w./%-])", data)
    line = _line(data, found.start() if found else 0)
    return Problem(name, line, f"the address {html.unescape(written)!r} {message}", remedy)


_NOTHING = Links()


@dataclass
class _Reading:
    """What was found in the files that were read. Most lines of a site stand in several files: each is looked at
    once."""

    rules: Rules
    canaries: Canaries
    problems: list[Problem] = field(default_factory=list)
    held: dict[str, References] = field(default_factory=dict)
    found: set[str] = field(default_factory=set)  # canaries; public texts may hold some of them
    _known: dict[str, dict[int, Links]] = field(default_factory=lambda: defaultdict(dict))  # of lines, by kind of file

    def read(self, content: Content) -> None:
        """Note whatever is wrong with a file."""
        name, data = content.name, content.data
        if content.fault:
            self._note(content, content.fault)
            return
        for fault in faults(name, data):
            self._note(content, fault)
        self.found.update(each for each, _ in _named(content, self.rules, self.canaries))
        if not is_read(content):
            return
        links, new = self._lines(ending(name), without_pictures(data))
        if name == content.outer and name not in PROOFS:
            self.held[name] = References(tuple(links), folder_of(name, data))
        for each in new:
            self.found.update(canary for canary, _ in found_in(each, name, self.rules, self.canaries))
        self._look_for_private(content, b"\n".join(new))

    def _lines(self, kind: str, data: bytes) -> tuple[list[Links], list[bytes]]:
        """What the lines of a file lead to, and those that were in no file before."""
        known, new, links = self._known[kind], [], []
        for line in pieces(data):
            key = hash(line)
            found = known.get(key)
            if found is None:
                new.append(line)
                held = links_of(kind, line.decode("utf-8", "replace"), self.rules.site)
                found = known[key] = held or _NOTHING
            if found is not _NOTHING:
                links.append(found)
        return links, new

    def _look_for_private(self, content: Content, new: bytes) -> None:
        for told, at in credentials(new):
            at = content.data.find(new[at : at + 20])
            self._note(content, f"it holds {told}; take it out, and have it replaced", at)
        for each in self.rules.private:
            if each.encode() in new:
                self._note(
                    content, f"it names {each!r} of this computer; take it out", content.data.find(each.encode())
                )

    def _note(self, content: Content, fault: str, at: int = 0) -> None:
        message, _, remedy = fault.partition("; ")
        self.problems.append(Problem(content.name, _line(content.data, at), message, remedy))


def _line(data: bytes, at: int) -> int:
    return data.count(b"\n", 0, max(0, at)) + 1


def is_read(content: Content) -> bool:
    """Whether a file holds words: what is packed without a name may do so."""
    name = content.name.rpartition("!")[2]
    return is_text(name) or (content.name != content.outer and ending(name) not in (*PICTURES, *PACKED))


def pieces(data: bytes) -> list[bytes]:
    """A text in parts that stand alone, such as a paragraph with its lines."""
    first, *others = data.replace(b"\n&lt;", b"\n<&lt;").split(b"\n<")
    return [first, *(b"<" + each for each in others)]


def found_in(piece: bytes, name: str, rules: Rules, canaries: Canaries) -> Iterator[tuple[str, str]]:
    """The canaries in a part of a file, each with the document that it belongs to."""
    name = name.rpartition("!")[2]
    if name in _LISTINGS:
        return  # the names in it are looked at where the files are
    if name in rules.published:  # a page or feed may name itself: the words of its address are known
        stem = _ENDINGS.sub("", name)
        piece = piece.replace(stem.encode() if "/" in stem else f"/{name}".encode(), b" ")
        if name.endswith("/index.html"):
            piece = piece.replace(f"/{name.removesuffix('index.html')}".encode(), b" ")
    if canaries.may_be_in(piece):
        yield from canaries.find(piece, piece.decode("utf-8", "replace"))


def leaks(content: Content, rules: Rules, canaries: Canaries) -> Iterator[Problem]:
    """What a file holds of documents that are not public: of each the first that stands there."""
    first: dict[str, tuple[int, str]] = {path: (1, each) for each, path in _named(content, rules, canaries)}
    data, line = without_pictures(content.data) if is_read(content) else b"", 1
    for piece in pieces(data):
        for canary, path in sorted(
            found_in(piece, content.name, rules, canaries), key=lambda each: (-len(each[0]), each)
        ):
            first.setdefault(path, (line, canary))
        line += piece.count(b"\n") + 1
    for path, (line, canary) in first.items():
        message = f"it holds {canary!r} of {path}, which is not public"
        yield Problem(content.name, line, message, "take that out, or publish the document")


def _named(content: Content, rules: Rules, canaries: Canaries) -> Iterator[tuple[str, str]]:
    """The canaries in a file's name."""
    if content.name.rpartition("!")[2] not in rules.published:
        yield from canaries.find(content.name.encode(), content.name)


def over_limits(folder: Path, names: list[str], limits: Iterable[Limits]) -> Iterator[Problem]:
    """What is more than a host takes."""
    sizes = {name: (folder / name).lstat().st_size for name in names}
    path = folder / _REDIRECTS
    rules = path.read_bytes().splitlines() if path.is_file() else []
    redirects = sum(bool(line.strip()) and not line.startswith(b"#") for line in rules)
    for each in limits:
        for what, count, most in (
            ("files", len(names), each.files),
            ("bytes", sum(sizes.values()), each.size),
            ("redirects", redirects, each.redirects),
        ):
            if most and count > most:
                message = f"the site has {count:,} {what}, and {each.host} takes {most:,}"
                yield Problem("pelicanconf.py", 1, message, "publish to another host, or turn downloads off")
        for name, size in sizes.items():
            if each.file_size and size > each.file_size:
                message = f"it has {size:,} bytes, and {each.host} takes {each.file_size:,} a file"
                yield Problem(name, 1, message, "make it smaller, or publish to another host")
