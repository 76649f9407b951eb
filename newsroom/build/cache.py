"""The cache: one SQLite file of rows by version, and of notes by name. Losing it costs time, never an output.

A row stands under a digest of everything it was made from, so it is never out of date; each carries a checksum, for
a damaged one must count as missing. A file that SQLite cannot read is thrown away; where nothing can be written,
builds go on without.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

FORMAT = 2
_SCHEMA = f"""
PRAGMA user_version = {FORMAT};
CREATE TABLE IF NOT EXISTS rows (version BLOB PRIMARY KEY, used INTEGER, checksum BLOB, data BLOB);
CREATE TABLE IF NOT EXISTS notes (name TEXT PRIMARY KEY, checksum BLOB, data BLOB);
"""
_NOT_ITS_FAULT = frozenset(
    (
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_NOMEM,
    )
)
_PATIENCE = 10  # seconds that another build may hold the file
LEAST_BYTES = 256_000_000  # a cache up to this size is never pruned
_MOST_TIMES = 3  # how many times the size of what the last build used the cache may have


class Cache:
    """Rows and notes of one site. Used after a fork, each process opens the file for itself."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._process = os.getpid()
        self._handle: sqlite3.Connection | None = None
        self._broken = False

    def recall(self, version: bytes) -> bytes | None:
        """The row of a version, if there is an undamaged one."""
        return self._select("SELECT checksum, data FROM rows WHERE version = ?", version)

    def note(self, name: str) -> bytes | None:
        """What was last kept under a name."""
        return self._select("SELECT checksum, data FROM notes WHERE name = ?", name)

    def store(self, rows: Iterable[tuple[bytes, bytes]]) -> None:
        """Keep rows by version."""
        now = int(time.time())
        made = [(version, now, _checksum(version, data), data) for version, data in rows]
        with self._writing() as handle:
            handle.executemany("INSERT OR REPLACE INTO rows VALUES (?, ?, ?, ?)", made)

    def keep(self, notes: Iterable[tuple[str, bytes]]) -> None:
        """Keep notes by name, all or none of them."""
        made = [(name, _checksum(name, data), data) for name, data in notes]
        with self._writing() as handle:
            handle.executemany("INSERT OR REPLACE INTO notes VALUES (?, ?, ?)", made)

    def prune(self, used: Iterable[bytes]) -> None:
        """Bound the file: where it grew too large, rows that were not used for longest go, never those of `used`."""
        with self._writing() as handle:
            pages, size = (handle.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
            free = handle.execute("PRAGMA freelist_count").fetchone()[0]
            if (pages - free) * size <= LEAST_BYTES:
                return
            handle.execute("CREATE TEMP TABLE live (version BLOB PRIMARY KEY)")
            handle.executemany("INSERT OR IGNORE INTO live VALUES (?)", ((each,) for each in used))
            query = "SELECT total(length(data)) FROM rows WHERE version IN live"
            most = max(LEAST_BYTES, _MOST_TIMES * int(handle.execute(query).fetchone()[0]))
            query = "SELECT version, length(data) FROM rows WHERE version NOT IN live ORDER BY used"
            excess = (pages - free) * size - most // 2
            if (pages - free) * size > most:
                _remove(handle, handle.execute(query).fetchall(), excess)
            handle.execute("DROP TABLE live")

    def close(self) -> None:
        """Let go of the file."""
        if self._handle is not None and self._process == os.getpid():
            with contextlib.suppress(sqlite3.Error):
                self._handle.close()
        self._handle = None

    def _select(self, query: str, key: bytes | str) -> bytes | None:
        handle = self._open()
        if handle is None:
            return None
        try:
            found = handle.execute(query, (key,)).fetchone()
        except sqlite3.DatabaseError as error:
            self._fail(error)
            return None
        return found[1] if found and isinstance(found[1], bytes) and _checksum(key, found[1]) == found[0] else None

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction; where it fails, the cache is as before, and the build goes on."""
        handle = self._open()
        if handle is None:
            handle = sqlite3.connect(":memory:")
            handle.executescript(_SCHEMA)
        try:
            with handle:
                yield handle
        except sqlite3.DatabaseError as error:
            self._fail(error)

    def _open(self) -> sqlite3.Connection | None:
        if self._process != os.getpid():  # a connection must not cross a fork
            self._process, self._handle = os.getpid(), None
        if self._handle is None and not self._broken:
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                self._handle = self._connect()
            except (OSError, sqlite3.DatabaseError) as error:
                self._fail(error)
        return self._handle

    def _connect(self) -> sqlite3.Connection:
        handle = sqlite3.connect(self.path, timeout=_PATIENCE)
        handle.execute("PRAGMA synchronous = OFF")  # the checksums see what a power failure leaves
        handle.execute("PRAGMA cache_size = -8000")
        if handle.execute("PRAGMA user_version").fetchone()[0] not in (0, FORMAT):
            raise sqlite3.DatabaseError("of another version")
        handle.executescript(_SCHEMA)
        return handle

    def _fail(self, error: Exception) -> None:
        """Throw away what is no cache; give up where the disk is full, locked or not ours to write."""
        self.close()
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        barred = code == sqlite3.SQLITE_READONLY and not os.access(self.path, os.W_OK)
        gives_up = self._broken or barred or isinstance(error, OSError) or code in _NOT_ITS_FAULT
        self._broken = True
        if gives_up:
            return
        for suffix in ("", "-journal", "-wal", "-shm"):
            with contextlib.suppress(OSError):
                os.unlink(f"{self.path}{suffix}")
                self._broken = False


def _checksum(key: bytes | str, data: bytes) -> bytes:
    """Of a value and of what it stands under: a damaged index must not give another's."""
    made = hashlib.blake2b(key if isinstance(key, bytes) else key.encode(), digest_size=8)
    made.update(data)
    return made.digest()


def _remove(handle: sqlite3.Connection, oldest: list[tuple[bytes, int]], excess: int) -> None:
    going = []
    for version, size in oldest:
        if excess <= 0:
            break
        going.append((version,))
        excess -= size
    handle.executemany("DELETE FROM rows WHERE version = ?", going)
