"""Sources that are one file on the disk: who edits one edits the other, and only one of them is seen to change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from newsroom.files import INODE, Signature


class Twins:
    """Which of these files have more than one name, as they were looked at, and as they become."""

    def __init__(self, files: Mapping[str, Signature]) -> None:
        self._inodes = {source: seen[INODE] for source, seen in files.items() if seen}
        names = Counter(self._inodes.values())
        self._found = {source for source, inode in self._inodes.items() if names[inode] > 1}

    def follow(self, source: str, path: Path) -> bool:
        """Look at a file that changed; whether it has another name, or may have got one. Raises OSError."""
        found = path.stat()
        if found.st_ino != self._inodes.get(source) and (found.st_nlink > 1 or path.is_symlink()):
            self._found.add(source)
        self._inodes[source] = found.st_ino
        return source in self._found
