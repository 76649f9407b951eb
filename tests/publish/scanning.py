"""Releases that tests make by hand, and what the scan says of them."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from newsroom.publish.canaries import Secret
from newsroom.publish.scan import Rules, scan

SITE = "https://release.example"
PAGE = "<!doctype html>\n<title>Example</title>\n<p>Example.</p>\n"


def scanned(folder: Path, files: Mapping[str, bytes], **rules: Any) -> list[str]:
    """What the scan says of a release with these files, written into the folder."""
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return [str(each) for each in scan(folder, Rules(**{"site": SITE, **rules}), silent)]


def leaks_in(files: Mapping[str, bytes], *secrets: Secret, public: Callable[[], Iterable[str]] = tuple) -> list[str]:
    """What the scan says of documents that are not public."""
    with tempfile.TemporaryDirectory() as folder:
        problems = scanned(Path(folder), files, secrets=secrets, public=public)
    return [each for each in problems if "which is not public" in each]


def silent(stage: str, done: int, total: int) -> None:
    del stage, done, total
