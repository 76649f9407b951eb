"""Public addresses."""

from __future__ import annotations

import pytest

from newsroom.articles.markdown import polish_text
from newsroom.fronts.addresses import absolute


@pytest.mark.parametrize(
    ("file", "address"),
    [
        ("index.html", "https://site.test/"),
        ("archive/index.html", "https://site.test/archive/"),
        ("2026/11/press-freedom-index.html", "https://site.test/2026/11/press-freedom-index.html"),
    ],
)
def test_only_the_index_of_a_folder_goes_by_the_folders_name(file: str, address: str) -> None:
    assert absolute("https://site.test", file) == address


def test_typography_leaves_addresses_alone() -> None:
    assert polish_text('"See" https://site.test/a--b -- now', "en") == "“See” https://site.test/a--b — now"
