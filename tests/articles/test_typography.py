"""Typography: English gets its quotation marks and dashes, Khmer stays as typed, code stays code."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsroom.articles.body import make_body
from newsroom.articles.khmer import WBR
from newsroom.articles.markdown import KHMER, polish_text
from tests.articles.reading import SOURCE, body_of

KHMER_TEXTS = ['"ភាសា" -- it\'s...', 'លោកថា៖ "សួស្តី"', "2026 ភាសា & ABC"]
BLOCKS = {
    "a paragraph": "{}",
    "a list": "- {}",
    "a quote": "> {}",
    "a heading": "## {}",
    "a table": "| a |\n|---|\n| {} |",
    "a fact box": "/// factbox | {}\n{}\n///",
    "a pull quote": "/// pullquote | {}\n{}\n///",
    "a video": "/// video | {}\nhttps://site.test/\n///",
    "a footnote": "Text.[^1]\n\n[^1]: {}",
    "a plain element": "<div>{}</div>",
    "a nested list": "- English\n    - {}",
}


def text_of(page: str) -> str:
    return html.unescape(re.sub("<[^>]*>", "", page))


@pytest.mark.parametrize("text", KHMER_TEXTS)
@pytest.mark.parametrize("block", BLOCKS)
def test_a_block_that_holds_khmer_stays_as_typed_in_an_english_article(block: str, text: str) -> None:
    page = body_of(f'"English" -- first.\n\n{BLOCKS[block].replace("{}", text)}\n').html
    assert "“English” — first." in text_of(page).replace("\xa0", " ")
    assert text in text_of(page)


@pytest.mark.parametrize("text", [*KHMER_TEXTS, '"English" -- it\'s'])
def test_nothing_of_a_khmer_article_changes_but_where_its_lines_may_break_and_what_is_said_of_its_language(
    text: str,
) -> None:
    made = body_of(text, "articles/2026/01/x.km.md").html.replace(WBR, "")
    assert re.sub('<span lang="en">|</span>', "", made) == f"<p>{html.escape(text, quote=False)}</p>"


@given(st.text(alphabet=st.sampled_from("ab 1\"'-.&<>\u1780\u17d2\u179a\n"), max_size=80))
@settings(deadline=None)
def test_polishing_loses_no_khmer(text: str) -> None:
    english, khmer = (make_body(text, 1, SOURCE, lang)[0].html for lang in ("en", "km"))
    assert KHMER.findall(english) == KHMER.findall(khmer)


@pytest.mark.parametrize("code", ['"a" -- b\'s ... & ABC', "TK [", "a b", "--flag='x'"])
def test_code_is_left_as_typed(code: str) -> None:
    for markdown in (f"Text `{code}` text.", f"```\n{code}\n```"):
        assert f"<code>{html.escape(code, quote=False)}</code>" in body_of(markdown).html


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("\"Quotes\" and 'these'", "“Quotes” and ‘these’"),
        ("It's the '90s -- or not...", "It’s the ‘90s — or not…"),
        ("AT&T <b>", "AT&T <b>"),
        ("&lt;b&gt; &amp; C", "&lt;b&gt; &amp; C"),
        ("5 < 6 > 4", "5 < 6 > 4"),
        ('"ភាសា" -- a', '"ភាសា" -- a'),
        ("", ""),
        ("Already “typographic” — fine…", "Already “typographic” — fine…"),
    ],
)
def test_the_typography_of_a_headline(typed: str, printed: str) -> None:
    assert polish_text(typed, "en") == printed


def test_a_khmer_headline_stays_as_typed() -> None:
    assert polish_text('"English" -- a', "km") == '"English" -- a'


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=60))
def test_a_headline_never_becomes_markup(text: str) -> None:
    polished = polish_text(text, "en")
    assert polished.count("<") == text.count("<")
    assert polished.count("&") == text.count("&")
