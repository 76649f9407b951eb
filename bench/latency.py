"""From a saved edit to the pages on disk, in the live preview."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from builders import Edits
from sites import PROJECT

PREVIEW = ".cache/preview"  # where serve builds
LONGEST = 300.0  # seconds to wait for a page
PAUSE = 0.3  # seconds between an edit's pages and the next edit


@contextmanager
def preview(root: Path) -> Iterator[Path]:
    """A running preview of the site; gives the folder of its pages."""
    command = [sys.executable, "-c", "from newsroom.commands import serve; serve(0)"]
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    with subprocess.Popen(
        command, cwd=root, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout
        try:
            if not any("Serving" in line for line in process.stdout):
                raise RuntimeError("the preview ended before it served")
            threading.Thread(target=process.stdout.read, daemon=True).start()  # no full pipe stops it
            time.sleep(1)  # it watches from now on
            yield root / PREVIEW
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def latencies(edits: Edits, kind: str, count: int) -> list[float]:
    """Seconds of `count` edits, each of another article, of the `kind` "body" or "title"."""
    change: Callable[[int, int], None] = edits.body if kind == "body" else edits.title
    with preview(edits.root) as pages:
        return [_one(edits, change, number, pages, kind) for number in _numbers(edits.corpus.size, count)]


def _numbers(size: int, count: int) -> list[int]:
    """Articles spread over the archive, neither the first nor the last."""
    return [1 + (size - 3) * n // count for n in range(count)]


def _one(edits: Edits, change: Callable[[int, int], None], number: int, pages: Path, kind: str) -> float:
    shown = [number] if kind == "body" else [number - 1, number, number + 1]  # neighbours print the headline
    paths = [pages / edits.page(each) for each in shown]
    before = [path.read_bytes() for path in paths]
    started = time.perf_counter()
    change(number, 1)
    _wait(paths, before, started)
    seconds = time.perf_counter() - started
    time.sleep(PAUSE)
    return seconds


def _wait(paths: Sequence[Path], before: Sequence[bytes], started: float) -> None:
    """Until each page is there with other bytes. Raises RuntimeError after LONGEST seconds."""
    for path, old in zip(paths, before, strict=True):
        while not path.exists() or path.read_bytes() in (old, b""):
            if time.perf_counter() - started > LONGEST:
                raise RuntimeError(f"{path} did not change within {LONGEST:.0f} s of the edit")
            time.sleep(0.001)
