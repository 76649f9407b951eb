"""Cards for other sites: the headline fits, in either script, and every machine draws the same bytes."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from newsroom.articles.khmer import pieces
from newsroom.images.socialcard import DESIGN, FONT, SIZE, CardMaker, CardText, compose, draw, font_of, wrap
from tests.images.samples import decode
from tests.support import ROOT, environment

THEME = ROOT / "theme"
DRAWN = (THEME / DESIGN).read_text(encoding="utf-8")
LETTERS = font_of(THEME)
KHMER = "សេចក្តីថ្លែងការណ៍រួមរបស់អង្គការសង្គមស៊ីវិលស្តីពីសេរីភាពសារព័ត៌មាននៅកម្ពុជា"
ENGLISH = "Example headline that is long enough to take more than one line of a card for other sites"
HEADLINES = [
    "Short",
    ENGLISH,
    KHMER,
    f"{KHMER} {ENGLISH}",
    "x" * 80,
    "https://site.example/" * 12,
    f"{ENGLISH} " * 5,
    KHMER * 6,
    "<script> & “quotes”",
]


def text(headline: str) -> CardText:
    return CardText(headline, "Example section", "Example name", "site.example")


def card(headline: str) -> Image.Image:
    return decode(draw(text(headline), pieces(headline), THEME)).convert("RGB")


def ink(picture: Image.Image, box: tuple[int, int, int, int]) -> int:
    """How many dark pixels there are in a part of the card."""
    return sum(count for value, count in enumerate(picture.crop(box).convert("L").histogram()) if value < 110)


@pytest.mark.parametrize("headline", HEADLINES)
def test_a_headline_keeps_to_its_room(headline: str) -> None:
    picture = card(headline)
    assert picture.size == SIZE
    assert ink(picture, (72, 205, 1128, 540)) > 500
    for margin in ((0, 140, 66, 552), (1134, 140, 1200, 552), (72, 541, 1128, 552)):
        assert ink(picture, margin) == 0


@pytest.mark.parametrize("headline", HEADLINES)
def test_every_letter_is_found_in_the_fonts(headline: str) -> None:
    """A letter that no font has would be drawn as a box, and resvg says so."""
    code = """
import sys, resvg_py
from pathlib import Path
from newsroom.articles.khmer import pieces
from newsroom.images.socialcard import DESIGN, FONT, CardText, compose, font_of

theme, headline = Path(sys.argv[1]), sys.argv[2]
card = CardText(headline, headline[:20], headline[:20], "site.example")
svg = compose(card, pieces(headline), (theme / DESIGN).read_text("utf-8"), font_of(theme))
fonts = {"font_files": [str(theme / FONT)], "font_family": font_of(theme).getname()[0], "skip_system_fonts": True}
resvg_py.svg_to_bytes(svg_string=svg, **fonts, log_information=True)
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(THEME), headline],
        capture_output=True,
        text=True,
        env=environment(),
        check=True,
    )
    assert "Warning" not in done.stdout + done.stderr


def test_a_headline_in_khmer_breaks_between_words_only() -> None:
    words = set(pieces(KHMER * 3))
    for line in re.findall(r'<text class="headline".*?</text>', compose(text(""), pieces(KHMER * 3), DRAWN, LETTERS)):
        whole = "".join(ElementTree.fromstring(line).itertext())
        assert whole in KHMER * 3 or whole.rstrip("…") in KHMER * 3
        assert any(whole.startswith(each.strip()) for each in words)


def test_a_headline_that_is_too_long_ends_with_dots() -> None:
    svg = compose(text(""), pieces(f"{ENGLISH} " * 9), DRAWN, LETTERS)
    assert svg.count('class="headline"') > 3
    assert "…" in svg


def test_markup_in_a_headline_is_text() -> None:
    svg = compose(CardText("", "<b>", "&", '"'), ["</text><script>", "x & y"], DRAWN, LETTERS)
    root = ElementTree.fromstring(svg)
    assert not [each for each in root.iter() if each.tag.endswith("script")]
    assert "</text><script>x & y" in "".join(root.itertext())


WORDS = st.lists(
    st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=30), max_size=20
)


@given(WORDS)
def test_wrapping_loses_nothing(found: list[str]) -> None:
    lines = wrap(found, 10.0, lambda words: float(len(words)))
    assert "".join(lines).replace(" ", "").strip() == "".join(found).replace(" ", "").strip()
    assert all(len(line.rstrip()) <= 10 for line in lines)


@given(st.text(max_size=120))
@settings(max_examples=40)
def test_any_headline_is_set(headline: str) -> None:
    svg = compose(text(headline), pieces(headline), DRAWN, LETTERS)
    clean = not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", headline)  # the schema lets none through
    if clean:
        ElementTree.fromstring(svg)


def test_a_headline_as_long_as_a_book_is_cut() -> None:
    rows: dict[bytes, bytes] = {}
    maker = CardMaker(THEME, pieces, rows.get, rows.update)
    assert decode(maker.card(text("x" * 100_000))).size == SIZE


def test_a_card_is_drawn_once_and_its_version_changes_with_whatever_it_shows(tmp_path: Path) -> None:
    rows: dict[bytes, bytes] = {}
    maker = CardMaker(THEME, pieces, rows.get, rows.update)
    first = maker.card(text("One"))
    assert maker.version(text("One")) in rows
    kept = hashlib.sha256(b"kept").digest() + b"kept"
    rows[maker.version(text("One"))] = kept
    assert maker.card(text("One")) == b"kept" != first
    rows[maker.version(text("One"))] = kept[:-1]
    assert maker.card(text("One")) == first
    versions = {maker.version(each) for each in (text("One"), text("Two"), CardText("One", "", "", ""))}
    for name in (DESIGN, FONT):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes((THEME / name).read_bytes())
    same = CardMaker(tmp_path, pieces, rows.get, rows.update)
    assert same.version(text("One")) in versions
    (tmp_path / DESIGN).write_text(DRAWN.replace("#a3381c", "#000000"), encoding="utf-8")
    assert CardMaker(tmp_path, pieces, rows.get, rows.update).version(text("One")) not in versions
    assert len(versions) == 3


def test_a_design_that_is_no_svg_is_an_error(tmp_path: Path) -> None:
    (tmp_path / FONT).parent.mkdir()
    (tmp_path / FONT).write_bytes((THEME / FONT).read_bytes())
    (tmp_path / DESIGN).write_text("<svg", encoding="utf-8")
    with pytest.raises(ValueError, match="root node"):
        draw(text("One"), ["One"], tmp_path)
