"""Copies of the site that can be verified: a folder, a zip. What comes over the web has a module of its own."""

from __future__ import annotations

import hashlib
import os
import stat
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Protocol

from newsroom.publish.manifest import MANIFEST

CHUNK = 65_536  # bytes that are read at once


class Absent(Exception):
    """There is no such file."""


class Unreachable(Exception):
    """The file cannot be had; says why, in half a sentence."""


class Elsewhere(Exception):
    """The host leads to another; names it."""


class Copy(Protocol):
    """A copy of a site. `name` is how messages call it."""

    @property
    def name(self) -> str: ...

    def chunks(self, name: str, limit: int) -> Iterator[bytes]:
        """The file's bytes, never more than `limit`. Raises Absent, Unreachable or Elsewhere. Absent may come after the
        bytes: what a host sends along with the message that there is no such file."""

    def names(self) -> Counter[str] | None:
        """All files, and how often each is there; None where this cannot be seen."""

    def close(self) -> None:
        """End what is kept open."""


class FolderCopy:
    """A copy in a folder of this computer."""

    def __init__(self, folder: Path) -> None:
        self.name = str(folder)
        self._folder = folder

    def chunks(self, name: str, limit: int) -> Iterator[bytes]:
        """As Copy says. Pipes and devices, which may never end, are no files."""
        try:
            with open(os.open(self._folder / name, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb") as file:
                if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                    raise Unreachable("it is no file")
                while limit > 0 and (chunk := file.read(min(CHUNK, limit))):
                    limit -= len(chunk)
                    yield chunk
        except (FileNotFoundError, NotADirectoryError):
            raise Absent from None
        except (OSError, ValueError) as error:
            raise Unreachable(getattr(error, "strerror", None) or str(error)) from None

    def names(self) -> Counter[str]:
        """As Copy says; the folder in which git keeps its own is not the site's."""
        found: Counter[str] = Counter()
        for folder, folders, files in os.walk(self._folder):
            if Path(folder) == self._folder and ".git" in folders:
                folders.remove(".git")
            links = [name for name in folders if (Path(folder) / name).is_symlink()]
            found.update((Path(folder) / name).relative_to(self._folder).as_posix() for name in (*files, *links))
        return found

    def close(self) -> None:
        """Nothing is kept open."""


class ZipCopy:
    """A copy in a zip, at its root or in a folder of it."""

    def __init__(self, path: Path) -> None:
        """Raises Unreachable for what is no zip."""
        self.name = str(path)
        try:
            self._zip = zipfile.ZipFile(path)
        except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError) as error:
            raise Unreachable(getattr(error, "strerror", None) or f"it is no zip ({error})") from None
        listed = [PurePosixPath(info.filename) for info in self._zip.infolist()]
        proofs = sorted((len(each.parts), str(each.parent)) for each in listed if each.name == MANIFEST)
        self.is_signed = bool(proofs)
        self._path = path
        self._below = "" if not proofs or proofs[0][1] == "." else f"{proofs[0][1]}/"

    def chunks(self, name: str, limit: int) -> Iterator[bytes]:
        """As Copy says."""
        try:
            with self._zip.open(self._below + name) as file:
                while limit > 0 and (chunk := file.read(min(CHUNK, limit))):
                    limit -= len(chunk)
                    yield chunk
        except KeyError:
            raise Absent from None
        except zipfile.BadZipFile:
            return  # its checksum is not that of its bytes: they were changed
        except (OSError, EOFError, ValueError, RuntimeError, NotImplementedError, zlib.error) as error:
            raise Unreachable(str(error)) from None

    def names(self) -> Counter[str]:
        """As Copy says."""
        listed = [info.filename for info in self._zip.infolist() if not info.is_dir()]
        return Counter(
            name.removeprefix(self._below) if name.startswith(self._below) else f"../{name}" for name in listed
        )

    def sha256(self) -> str:
        """Of the zip itself."""
        with self._path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def close(self) -> None:
        """As Copy says."""
        self._zip.close()
