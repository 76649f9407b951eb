"""Builds with a cache that is damaged, or that somebody wrote who meant harm: the output is right all the same."""

from __future__ import annotations

import hashlib
import pickle
import random
import shutil
import sqlite3
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from newsroom.build.cache import Cache
from tests.build.faults import Nursery
from tests.build.ordeal import MENDING
from tests.support import Built, difference, edit, own_theme, tree

FLIPS = 30  # builds with a flipped byte; test_cache.py flips many more without building
HEADLINE = "content/articles/2026/01/headline-one.md"


class Site:
    """The smallest site, with its cache and its output."""

    def __init__(self, nursery: Nursery, folder: Path) -> None:
        self.nursery, self.folder = nursery, folder
        self.output, self.file = folder / "output", folder / ".cache" / "build.sqlite"

    def build(self) -> dict[str, bytes]:
        """The output, once the build succeeded and said nothing that it would not have said otherwise."""
        status, printed = self.nursery.build(self.folder, environment=MENDING)
        assert "Traceback" not in printed
        assert status == 0, printed
        return tree(self.output)

    def versions(self) -> list[bytes]:
        return [version for (version,) in self._select("SELECT version FROM rows")]

    def names(self) -> list[str]:
        return [name for (name,) in self._select("SELECT name FROM notes")]

    def _select(self, query: str) -> list[Any]:
        handle = sqlite3.connect(self.file)
        found = handle.execute(query).fetchall()
        handle.close()
        return found

    def forge_rows(self, forged: Callable[[bytes], bytes]) -> None:
        """Put in every row's place what `forged` makes of it, with the right checksum."""
        cache = Cache(self.file)
        cache.store([(version, forged(cache.recall(version) or b"")) for version in self.versions()])
        cache.close()

    def forge_notes(self, forged: Callable[[bytes], bytes]) -> None:
        """The same with the notes."""
        cache = Cache(self.file)
        cache.keep([(name, forged(cache.note(name) or b"")) for name in self.names()])
        cache.close()

    def forget_notes(self) -> None:
        """Make the next build look into the rows of all files."""
        handle = sqlite3.connect(self.file)
        with handle:
            handle.execute("DELETE FROM notes")
        handle.close()


@pytest.fixture
def site(tmp_path: Path, nursery: Nursery, minimal: Built) -> Site:
    site = Site(nursery, tmp_path / "site")
    shutil.copytree(minimal.folder, site.folder, symlinks=True)
    own_theme(site.folder)
    site.build()
    return site


class Evil:
    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (Path("executed"),))


def nested(data: bytes) -> bytes:
    """Lists in lists, deeper than a decoder can follow."""
    return b"\x91" * 100_000 + b"\xc0"


def nested_behind(data: bytes) -> bytes:
    """What there is, and behind it lists in lists."""
    found = _decoded(data)
    if not isinstance(found, list) or len(found) > 14:
        return nested(data)
    return bytes([0x91 + len(found)]) + b"".join(map(msgspec.msgpack.encode, found)) + nested(data)


def hollow(data: bytes) -> bytes:
    """The same lists and tables with nothing in them."""
    return msgspec.msgpack.encode(_hollow(_decoded(data)))


def _decoded(data: bytes) -> Any:
    """What a row or a note holds; nothing where it is no msgpack, as a picture's file and what was forged already."""
    try:
        return msgspec.msgpack.decode(data)
    except (msgspec.DecodeError, RecursionError):
        return None


def _hollow(value: Any) -> Any:
    if isinstance(value, bytes):
        try:
            return msgspec.msgpack.encode(_hollow(msgspec.msgpack.decode(value)))
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return b""
    if isinstance(value, list):
        return [_hollow(each) for each in value]
    return {} if isinstance(value, dict) else type(value)()


FORGERIES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda data: b"",
    "never used in msgpack": lambda data: b"\xc1",
    "noise": lambda data: random.Random(7).randbytes(500),
    "pickle": lambda data: pickle.dumps(Evil()),
    "null": lambda data: msgspec.msgpack.encode(None),
    "an empty list": lambda data: msgspec.msgpack.encode([]),
    "lists of nothing": lambda data: msgspec.msgpack.encode([b"", b"", b"", b""]),
    "cut short": lambda data: data[: len(data) // 2],
    "of absurd size": lambda data: bytes(50_000_000),
    "text that is no text": lambda data: b"\xd9\x02\xff\xff",
    "nested": nested,
    "nested behind": nested_behind,
    "hollow": hollow,
}


def full_of_nothing(data: bytes) -> bytes:
    """A reading whose entry is right, and whose document lacks all fields."""
    found = _decoded(data)
    if isinstance(found, list) and len(found) == 2 and isinstance(found[0], bytes):
        found[1] = msgspec.msgpack.encode([{}, {}, "", [], [], []])
    return msgspec.msgpack.encode(found)


def full_of_garbage(data: bytes) -> bytes:
    """A reading whose entry is right, and whose document is none."""
    found = _decoded(data)
    if isinstance(found, list) and len(found) == 2 and isinstance(found[0], bytes):
        found[1] = b"\xc1"
    return msgspec.msgpack.encode(found)


DOCUMENTS = {**FORGERIES, "without fields": full_of_nothing, "garbage inside": full_of_garbage}


def outcomes(site: Site, forgeries: Mapping[str, Callable[[bytes], bytes]], ways: Callable[[Any], bytes]) -> list[str]:
    """The names of those forgeries with which `ways(forgery)`, a build or more, does not come to the right output."""
    wrong = []
    good = site.file.read_bytes()
    for name, forged in forgeries.items():
        site.file.write_bytes(good)
        try:
            if ways(forged) != b"":
                wrong.append(name)
        except AssertionError:
            wrong.append(name)
    assert not (site.folder / "executed").exists()
    return wrong


def test_a_row_that_is_no_reading_counts_as_missing(site: Site, minimal: Built) -> None:
    def ways(forged: Callable[[bytes], bytes]) -> bytes:
        site.forge_rows(forged)
        site.forget_notes()
        return "".join(difference(site.build(), tree(minimal.output))).encode()

    assert outcomes(site, FORGERIES, ways) == []


def test_a_row_that_is_no_document_counts_as_missing(site: Site, minimal: Built) -> None:
    """The notes hold the entries; only who prints a page decodes its document."""
    template = site.folder / "theme" / "templates" / "base.html"

    def ways(forged: Callable[[bytes], bytes]) -> bytes:
        site.forge_rows(forged)
        edit(template, "<head>", "<head><!-- -->")
        try:
            found = site.build()
        finally:
            edit(template, "<!-- -->", "")
        plain = {name: data.replace(b"<!-- -->", b"") for name, data in found.items()}
        return "".join(set(difference(plain, tree(minimal.output))) - {".ledger.json"}).encode()

    assert outcomes(site, DOCUMENTS, ways) == []


def test_a_note_that_is_none_counts_as_missing(site: Site, minimal: Built) -> None:
    def ways(forged: Callable[[bytes], bytes]) -> bytes:
        site.forge_notes(forged)
        edit(site.folder / HEADLINE, "\n---\n\n", "\n---\n\nOther. ")
        try:
            site.build()
        finally:
            edit(site.folder / HEADLINE, "Other. ", "")
        site.forge_notes(forged)
        return "".join(difference(site.build(), tree(minimal.output))).encode()

    assert outcomes(site, FORGERIES, ways) == []


@pytest.mark.parametrize("name", ["no-such-file.html", "../outside.txt", "a\0b"])
def test_a_note_that_names_files_of_its_own_makes_none_and_removes_none(site: Site, minimal: Built, name: str) -> None:
    outside = site.folder / "outside.txt"
    outside.write_text("somebody's")

    def forged(data: bytes) -> bytes:
        found = msgspec.msgpack.decode(data)
        for each in found:
            if isinstance(each, dict) and "index.html" in each:
                recipe, key, parts, shape, _, _ = each["index.html"]
                each[name] = [recipe, key, parts, shape, hashlib.sha256(outside.read_bytes()).digest(), []]
        return msgspec.msgpack.encode(found)

    site.forge_notes(forged)
    assert difference(site.build(), tree(minimal.output)) == []
    edit(site.folder / HEADLINE, "\n---\n\n", "\n---\n\nOther. ")
    site.build()
    assert outside.exists(), "a file outside the output was removed"


def test_a_ledger_that_names_a_file_outside_the_output_removes_none(site: Site, minimal: Built) -> None:
    outside, ledger = site.folder / "outside.txt", site.output / ".ledger.json"
    outside.write_text("somebody's")
    edit(ledger, "{", '{"../outside.txt": "", "' + str(outside) + '": "",')
    site.nursery.build(site.folder, environment=MENDING)
    edit(site.folder / HEADLINE, "\n---\n\n", "\n---\n\nOther. ")
    site.nursery.build(site.folder, environment=MENDING)
    assert outside.exists(), "a file outside the output was removed"


@pytest.mark.parametrize("ledger", ["", "5", "null", "[1]", '"text"', "{", '{"index.html": 5}', '{"index.html": null}'])
def test_a_ledger_that_is_none_is_said_so_or_mended(site: Site, minimal: Built, ledger: str) -> None:
    (site.output / ".ledger.json").write_text(ledger)
    status, printed = site.nursery.build(site.folder, environment=MENDING)
    assert "report it" not in printed
    if status:
        assert "output:1: the folder holds files that no build wrote" in printed
    else:
        assert difference(tree(site.output), tree(minimal.output)) == []


def test_builds_with_a_flipped_byte_in_the_cache_are_right(site: Site, minimal: Built) -> None:
    chance, right = random.Random("flips"), tree(minimal.output)
    for n in range(FLIPS):
        data = bytearray(site.file.read_bytes())
        place = chance.randrange(len(data))
        data[place] ^= chance.randrange(1, 256)
        site.file.write_bytes(data)
        if n % 2:  # half of the builds make everything
            shutil.rmtree(site.output)
        assert difference(site.build(), right) == [], f"with byte {place} flipped"


def test_builds_with_a_cache_cut_short_are_right(site: Site, minimal: Built) -> None:
    chance, right = random.Random("cuts"), tree(minimal.output)
    for n in range(12):
        site.file.write_bytes(site.file.read_bytes()[: chance.randrange(site.file.stat().st_size)] if n else b"")
        assert difference(site.build(), right) == []


@pytest.mark.parametrize("everything", [True, False], ids=["the folder", "the file"])
def test_a_cache_that_is_deleted_during_a_build_harms_neither_it_nor_the_next(
    site: Site, minimal: Built, everything: bool
) -> None:
    edit(site.folder / "theme" / "templates" / "base.html", "<head>", "<head><!-- -->")
    for delay in range(4):
        running = site.nursery.start(site.folder)
        until = time.monotonic() + 10
        while delay and not list(site.folder.glob(".output.new-*")) and time.monotonic() < until:
            time.sleep(0.001)
        time.sleep(delay * 0.02)
        if everything:
            shutil.rmtree(site.file.parent, ignore_errors=True)
        else:
            site.file.unlink(missing_ok=True)
        status, printed = running.wait()
        assert status == 0, printed
        assert site.build()
    edit(site.folder / "theme" / "templates" / "base.html", "<!-- -->", "")
    assert difference(site.build(), tree(minimal.output)) == []
