"""Files: names from hashes, writing that is whole or not at all."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path


def digest(data: bytes) -> str:
    """The SHA-256 of the bytes, as 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def hashed_name(name: str, data: bytes) -> str:
    """`site.css` → `site.1f2e3d4c.css`: the name changes exactly when the bytes do."""
    stem, extension = os.path.splitext(name)
    return f"{stem}.{digest(data)[:8]}{extension}"


def write_atomic(path: Path, data: bytes) -> None:
    """Write the file whole or not at all, readable by everyone whatever the umask."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
