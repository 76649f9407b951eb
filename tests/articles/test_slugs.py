"""Slugs: ASCII, whatever the text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsroom.articles.slugs import SLUG, heading_id, slugify

KHMER = st.text(alphabet=st.characters(min_codepoint=0x1780, max_codepoint=0x17DD), min_size=1)


@given(st.text() | KHMER)
def test_every_text_has_a_slug(text: str) -> None:
    slug = slugify(text)
    assert slug.isascii()
    assert SLUG.fullmatch(slug)


@given(st.text())
def test_a_slug_is_its_own_slug(text: str) -> None:
    assert slugify(slugify(text)) == slugify(text)


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("China, Cambodia reject US claims", "china-cambodia-reject-us-claims"),
        ("It's the café's menu", "its-the-cafes-menu"),
        ("It’s the café’s menu", "its-the-cafes-menu"),
        ("  22 November 2026 — 9:00  ", "22-november-2026-9-00"),
        ("ខ្មែរ", "khmaer"),
        ("???", "section"),
        ("", "section"),
        ("../../etc/passwd", "etc-passwd"),
    ],
)
def test_the_slug_of(text: str, slug: str) -> None:
    assert slugify(text) == slug
    assert heading_id(text, "_") == slug


def test_two_khmer_words_have_two_slugs() -> None:
    assert len({slugify(word) for word in ["ភាសា", "ខ្មែរ", "នយោបាយ", "សេរីភាព", "សារព័ត៌មាន"]}) == 5


@pytest.mark.parametrize("text", ["", "-a", "a-", "a--b", "A", "a_b", "a/b", "..", "a.b", "é", "៣", "a\n", "a b"])
def test_what_is_no_slug(text: str) -> None:
    assert not SLUG.fullmatch(text)
