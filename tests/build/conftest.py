"""Sites to be killed."""

from __future__ import annotations

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
