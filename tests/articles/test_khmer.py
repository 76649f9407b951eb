"""Khmer words: lines may break between them, and nothing else of a text changes."""

from __future__ import annotations

import re
from html import unescape
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markupsafe import Markup, escape

from newsroom.articles.khmer import KHMER, WBR, break_words, breakable, words
from newsroom.articles.markdown import polish
from tests.pages import pages
from tests.support import ROOT, Built

LETTERS = [chr(code) for code in range(0x1780, 0x1800)]
runs = st.text(st.sampled_from([*LETTERS, " "]), min_size=1, max_size=40)
mixed = st.text(st.sampled_from([*LETTERS, *" a<>&\"'.\u200b\u200c\u19e0"]), max_size=60)
INSIDE = re.compile("[\u17b4-\u17d3\u17dd]")  # what belongs to the letter before it
SOURCES = sorted((ROOT / "content").rglob("*.km.md"))


@given(runs)
@example("\u17d2")
@example("ក្ក")
def test_words_are_the_text_in_pieces_that_begin_no_line_with_a_mark(run: str) -> None:
    found = words(run)
    assert "".join(found) == run
    assert all(found)
    for one, other in pairwise(found):
        assert not INSIDE.match(other)
        assert other[0] not in "។៕៖ៗ៘៙៚"
        assert not one.endswith("\u17d2")


@given(mixed)
def test_a_broken_text_is_the_same_text_to_who_copies_it(text: str) -> None:
    assert unescape(str(escape(breakable(text))).replace(WBR, "")) == text
    page = f"<p>{escape(text)}</p>"
    assert break_words(page).replace(WBR, "") == page


def test_words_of_a_sentence() -> None:
    assert words("ការការពារប្រភពព័ត៌មាន") == ["ការការពារ", "ប្រភព", "ព័ត៌មាន"]
    assert breakable("ឯកសារតែមួយអាចបាត់បង់។ Build ១៦០០") == "ឯកសារ<wbr>តែ<wbr>មួយ<wbr>អាច<wbr>បាត់បង់។ Build ១៦០០"


def test_zero_width_spaces_that_the_author_typed_decide() -> None:
    typed = "ការការពារ\u200bប្រភពព័ត៌មាន"
    assert breakable(typed) == typed
    assert break_words(f"<p>{typed}</p><p>ឯកសារតែមួយ</p>") == f"<p>{typed}</p><p>ឯកសារ<wbr>តែ<wbr>មួយ</p>"


def test_code_and_attributes_stay_as_they_are() -> None:
    page = '<p title="ឯកសារតែមួយ">x</p><pre><code>ឯកសារតែមួយ</code></pre><img alt="ឯកសារតែមួយ > ឯកសារតែមួយ">'
    assert break_words(page) == page


def test_a_headline_is_escaped_whether_or_not_its_html_was_seen_before() -> None:
    text = "<b>ឯកសារតែមួយ</b>"
    assert breakable(Markup(text)) == "<b>ឯកសារ<wbr>តែ<wbr>មួយ</b>"
    assert breakable(text) == "&lt;b&gt;ឯកសារ<wbr>តែ<wbr>មួយ&lt;/b&gt;"
    assert breakable("<i>x</i>") == "<i>x</i>", "Jinja escapes what holds no Khmer"
    assert not isinstance(breakable("<i>x</i>"), Markup)


KM = '<span lang="km">'


def test_khmer_in_an_english_text_may_break_too_and_is_said_to_be_khmer() -> None:
    assert polish("<p>He said “ឯកសារតែមួយ”.</p>", "en") == f"<p>He said “{KM}ឯកសារ<wbr>តែ<wbr>មួយ</span>”.</p>"
    assert breakable("A & “ក ខ”, ១២", "en") == f"A &amp; “{KM}ក ខ</span>”, {KM}១២</span>"
    assert breakable("ក & ខ", "km") == "ក &amp; ខ"


def test_khmer_in_an_element_that_names_its_language_is_not_said_to_be_khmer_again() -> None:
    page = '<p lang="km">ក <b>ខ</b> <i>គ</i></p><div lang="fr"><div>ក</div>ខ</div><img lang="km" alt="ក"><p>គ</p>'
    assert break_words(page, "en") == page.replace("<p>គ</p>", f"<p>{KM}គ</span></p>")
    assert break_words('<abbr title="a > b lang=">ក</abbr>', "en") == f'<abbr title="a > b lang=">{KM}ក</span></abbr>'


@given(mixed)
def test_marks_of_language_hold_khmer_and_leave_none_outside(text: str) -> None:
    marked = break_words(f"<p>{escape(text)}</p>", "en")
    assert marked.replace(WBR, "").replace(KM, "").replace("</span>", "") == f"<p>{escape(text)}</p>"
    spoken = re.findall(f"{KM}(.*?)</span>", marked)
    assert all(KHMER.match(run) and KHMER.match(run[-1]) and "&" not in run for run in spoken)
    assert not KHMER.search(re.sub(f"{KM}.*?</span>", "", marked))


def test_every_run_of_khmer_in_an_english_page_is_said_to_be_khmer(full: Built) -> None:
    for name, page in pages(full.output).items():
        if page.tree.get("lang") != "km":
            for text in page.tree.xpath("//body//text()[not(ancestor::script)]"):
                if KHMER.search(text):
                    place = text.getparent() if text.is_text else text.getparent().getparent()
                    (lang, *_) = place.xpath("ancestor-or-self::*[@lang][1]/@lang")
                    assert lang == "km", f"{name}: {text}"


def test_khmer_pages_may_break_between_words_and_feeds_hold_no_marks(real: Built) -> None:
    pages = [
        path for path in (real.output / "km").rglob("*.html") if "2026" in path.parts and path.name != "index.html"
    ]
    assert pages
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert re.search(r'<h1 class="headline-title">[^<]+<wbr>', text)
        assert text.count(WBR) > 300
        assert WBR not in text.partition("</head>")[0]
    feeds = [path.read_text(encoding="utf-8") for path in (real.output / "km" / "feeds").rglob("*.xml")]
    assert feeds
    assert not any("wbr" in feed or "\u200b" in feed for feed in feeds)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_no_run_of_the_real_articles_is_left_unbroken(path: Path) -> None:
    for run in re.findall("[\u1780-\u17ff]{25,}", path.read_text(encoding="utf-8")):
        assert len(words(run)) > 2, run
