"""Sites to be killed."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.build.faults import Nursery
from tests.build.ordeal import Ordeal, make_ordeal
from tests.support import Built


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """What forks builds that may be killed."""
    with Nursery() as nursery:
        yield nursery


@pytest.fixture
def ordeal(tmp_path: Path, nursery: Nursery, once: Callable[..., Built]) -> Ordeal:
    """A site that was built."""
    return make_ordeal(tmp_path / "site", nursery, once)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 24 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(disk)]
    if subprocess.run(command, check=False, capture_output=True).returncode:
        sentence = "needs the right to mount a small disk, as root has"
        if os.environ.get("NEWSROOM_CI") == "1":
            pytest.fail(sentence)
        pytest.skip(sentence)
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)
