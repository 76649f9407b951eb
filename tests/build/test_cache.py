"""The cache: damaged, foreign or in the way, it costs time and never an output."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from newsroom.build import cache as module
from newsroom.build.cache import Cache
from tests.support import ROOT, environment

FLIPS = 300


def row(n: int, size: int = 700) -> tuple[bytes, bytes]:
    """A version and a row of its own that fills `size` bytes."""
    version = hashlib.blake2b(str(n).encode(), digest_size=16).digest()
    return version, (str(n).encode() + b" " + version * (size // 16 + 1))[:size]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a cache of 120 rows and two notes is."""
    path = tmp_path / ".cache" / "build.sqlite"
    cache = Cache(path)
    cache.store(row(n) for n in range(120))
    cache.keep([("first", b"1" * 9000), ("second", b"2" * 300)])
    cache.close()
    return path


def answers(path: Path) -> list[bytes | None]:
    """What a cache says of every row and note."""
    cache = Cache(path)
    found = [cache.recall(row(n)[0]) for n in range(120)] + [cache.note("first"), cache.note("second")]
    cache.close()
    return found


RIGHT: list[bytes | None] = [row(n)[1] for n in range(120)] + [b"1" * 9000, b"2" * 300]


def is_usable(path: Path) -> bool:
    """Whether what is stored now is recalled by the next build. The build that finds damage may do without."""
    for _ in range(2):
        cache = Cache(path)
        cache.recall(b"unknown")
        cache.store([row(1000)])
        cache.close()
    return Cache(path).recall(row(1000)[0]) == row(1000)[1]


def test_rows_and_notes_are_recalled_as_they_were_kept(path: Path) -> None:
    assert answers(path) == RIGHT
    cache = Cache(path)
    cache.store([(row(1)[0], b"other")])
    cache.keep([("second", b"")])
    assert (cache.recall(row(1)[0]), cache.note("second"), cache.note("third")) == (b"other", b"", None)


@pytest.mark.parametrize("part", range(4))
def test_a_flipped_byte_anywhere_is_never_taken_for_a_row(path: Path, part: int) -> None:
    chance, whole = random.Random(part), path.read_bytes()
    for n in range(FLIPS // 4):
        place = chance.randrange(100 if n % 5 == 0 else len(whole))  # a fifth of them in the file's header
        path.write_bytes(whole[:place] + bytes([whole[place] ^ chance.randrange(1, 256)]) + whole[place + 1 :])
        found = answers(path)
        wrong = [n for n, (had, right) in enumerate(zip(found, RIGHT, strict=True)) if had not in (None, right)]
        assert wrong == [], f"with byte {place} flipped"
        assert is_usable(path), f"with byte {place} flipped"


def test_a_file_cut_short_anywhere_is_never_taken_for_a_row(path: Path) -> None:
    whole = path.read_bytes()
    for length in [*range(0, 120, 7), *range(120, len(whole), len(whole) // 60), len(whole) - 1]:
        path.write_bytes(whole[:length])
        found = answers(path)
        assert all(had in (None, right) for had, right in zip(found, RIGHT, strict=True)), f"cut to {length} bytes"
        assert is_usable(path), f"cut to {length} bytes"


GARBAGE = {
    "empty": b"",
    "short": b"x",
    "text": b"This is no database.\n" * 900,
    "noughts": bytes(90_000),
    "noise": random.Random(5).randbytes(90_000),
    "header and noise": b"SQLite format 3\0" + random.Random(6).randbytes(90_000),
}


@pytest.mark.parametrize("garbage", GARBAGE)
def test_garbage_is_no_cache_and_gives_place_to_one(path: Path, garbage: str) -> None:
    path.write_bytes(GARBAGE[garbage])
    assert set(answers(path)) == {None}
    assert is_usable(path)


def alter(path: Path, *statements: str) -> None:
    handle = sqlite3.connect(path)
    with handle:
        for statement in statements:
            handle.execute(statement)
    handle.close()


def test_a_cache_of_another_version_is_thrown_away(path: Path) -> None:
    alter(path, "PRAGMA user_version = 99")
    assert set(answers(path)) == {None}
    assert is_usable(path)


@pytest.mark.parametrize("version", [module.FORMAT, 0])
def test_tables_of_another_shape_give_place_to_ours(path: Path, version: int) -> None:
    alter(path, "DROP TABLE rows", "CREATE TABLE rows (name TEXT)", f"PRAGMA user_version = {version}")
    assert set(answers(path)[:120]) == {None}
    assert is_usable(path)


@pytest.mark.parametrize("value", ["NULL", "''", "'text'", "5", "1e9", "zeroblob(0)", "x'ff'"])
@pytest.mark.parametrize("column", ["data", "checksum", "used"])
def test_a_value_of_another_kind_is_no_row(path: Path, column: str, value: str) -> None:
    alter(path, f"UPDATE rows SET {column} = {value}")
    assert all(had in (None, right) for had, right in zip(answers(path), RIGHT, strict=True))
    assert is_usable(path)
    Cache(path).prune([row(1)[0]])


def test_a_row_of_absurd_size_is_no_row(path: Path) -> None:
    alter(path, f"UPDATE rows SET data = zeroblob(30000000) WHERE version = x'{row(1)[0].hex()}'")
    assert answers(path) == [RIGHT[0], None, *RIGHT[2:]]
    assert is_usable(path)


def test_text_that_is_no_text_is_no_row(path: Path) -> None:
    alter(path, "UPDATE rows SET data = CAST(x'ff' AS TEXT), checksum = CAST(x'ff' AS TEXT)")
    assert set(answers(path)[:120]) == {None}
    assert is_usable(path)


def test_a_row_that_stands_under_anothers_version_counts_as_missing(path: Path) -> None:
    """As when a bit flips in the index: the data is whole, and somebody else's."""
    first, second = row(1)[0].hex(), row(2)[0].hex()
    for column in ("data", "checksum"):
        other = f"(SELECT {column} FROM rows WHERE version = x'{second}')"
        alter(path, f"UPDATE rows SET {column} = {other} WHERE version = x'{first}'")
    assert Cache(path).recall(row(1)[0]) is None
    assert Cache(path).recall(row(2)[0]) == row(2)[1]


def test_a_note_that_stands_under_anothers_name_counts_as_missing(path: Path) -> None:
    alter(path, "DELETE FROM notes WHERE name = 'second'", "UPDATE notes SET name = 'second' WHERE name = 'first'")
    assert Cache(path).note("second") is None


def test_pruning_keeps_what_is_used_and_bounds_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LEAST_BYTES", 200_000)
    path = tmp_path / "build.sqlite"
    cache, kept = Cache(path), [row(-n) for n in range(50)]
    cache.store(kept)
    cache.keep([("note", b"n" * 5000)])
    for build in range(40):
        made = [row(n) for n in range(build * 50, build * 50 + 50)]
        cache.store(made)
        cache.prune([version for version, _ in (*kept, *made)])
        assert all(cache.recall(version) == data for version, data in (*kept, *made))
        assert path.stat().st_size < 3 * 200_000
    assert cache.note("note") == b"n" * 5000
    alive = sum(cache.recall(row(n)[0]) is not None for n in range(40 * 50))
    assert 50 <= alive < 400


def test_a_small_cache_is_not_pruned(path: Path) -> None:
    cache = Cache(path)
    cache.prune([])
    cache.close()
    assert answers(path) == RIGHT


def test_what_is_used_is_kept_however_much_it_is(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LEAST_BYTES", 10)
    cache = Cache(path)
    cache.prune([row(n)[0] for n in range(120)])
    cache.close()
    assert answers(path) == RIGHT


@pytest.fixture
def locked(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the file until its input ends."""
    code = "import sqlite3, sys\nhandle = sqlite3.connect(sys.argv[1])\nhandle.execute('BEGIN EXCLUSIVE')\nprint()\n"
    command = [sys.executable, "-c", code + "sys.stdout.flush()\nsys.stdin.read()", str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        other.stdout.readline()
        yield other
        other.communicate()


def test_a_file_that_another_process_holds_for_long_is_done_without(
    path: Path, locked: subprocess.Popen[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PATIENCE", 0.2)
    started = time.monotonic()
    cache = Cache(path)
    assert [cache.recall(row(n)[0]) for n in range(120)] == [None] * 120
    cache.store([row(1000)])
    cache.keep([("first", b"")])
    cache.prune([])
    assert time.monotonic() - started < 10, "it waits for each row anew"
    locked.communicate()
    assert answers(path) == RIGHT


def test_two_processes_store_and_prune_at_once(path: Path) -> None:
    code = (
        "import sys\nfrom pathlib import Path\nfrom newsroom.build.cache import Cache\n"
        "from tests.build.test_cache import row\ncache = Cache(Path(sys.argv[1]))\n"
        "for n in range(int(sys.argv[2]), int(sys.argv[2]) + 300):\n"
        "    cache.store([row(n)])\n    cache.keep([(f'note {n}', b'')])\n"
        "    assert cache.recall(row(n)[0]) == row(n)[1], n\n    cache.prune([row(n)[0]])\n"
    )
    command = [sys.executable, "-c", code, str(path)]
    both = [subprocess.Popen([*command, str(begin)], cwd=ROOT, env=environment()) for begin in (1000, 2000)]
    assert [each.wait() for each in both] == [0, 0]
    cache = Cache(path)
    assert [n for begin in (1000, 2000) for n in range(begin, begin + 300) if not cache.recall(row(n)[0])] == []


def test_a_forked_process_uses_a_cache_that_its_parent_opened(path: Path) -> None:
    cache = Cache(path)
    assert cache.recall(row(1)[0]) == row(1)[1]
    children = []
    for n in range(4):
        child = os.fork()
        if not child:
            cache.store([row(1000 + n)])
            right = cache.recall(row(2)[0]) == row(2)[1] and cache.recall(row(1000 + n)[0]) == row(1000 + n)[1]
            os._exit(0 if right else 1)
        children.append(child)
        cache.store([row(2000 + n)])
    assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0] * 4
    assert all(cache.recall(row(begin + n)[0]) == row(begin + n)[1] for n in range(4) for begin in (1000, 2000))
    assert answers(path) == RIGHT


def test_a_cache_that_is_deleted_while_it_is_open_does_no_harm(path: Path) -> None:
    cache = Cache(path)
    assert cache.recall(row(1)[0]) == row(1)[1]
    shutil.rmtree(path.parent)
    cache.store([row(1000)])
    assert cache.recall(row(2)[0]) in (None, row(2)[1])
    cache.close()
    assert set(answers(path)) == {None}
    assert is_usable(path)
