"""What no build can beat: look at and hash every source, write every file of the output. One process, no more.

Run by bench/engine.py: `python bench/floor.py CONTENT OUTPUT` prints the two times in seconds.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
import time
from pathlib import Path


def hash_sources(content: Path) -> float:
    """Seconds to stat, read and hash every file."""
    started = time.perf_counter()
    for where, _, names in os.walk(content):
        for name in names:
            path = os.path.join(where, name)
            os.stat(path)
            with open(path, "rb") as file:
                hashlib.sha256(file.read()).digest()
    return time.perf_counter() - started


def write_files(output: Path) -> float:
    """Seconds to write every file of the output to an empty folder; reading them is not counted."""
    seconds = 0.0
    with tempfile.TemporaryDirectory(dir=output.parent) as folder:
        for where, _, names in os.walk(output):
            target = Path(folder) / Path(where).relative_to(output)
            target.mkdir(exist_ok=True)
            for name in names:
                data = Path(where, name).read_bytes()
                started = time.perf_counter()
                with open(target / name, "wb") as file:
                    file.write(data)
                seconds += time.perf_counter() - started
    return seconds


if __name__ == "__main__":
    print(hash_sources(Path(sys.argv[1])), write_files(Path(sys.argv[2])))
