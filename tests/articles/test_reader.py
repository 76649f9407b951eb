"""Reading one file: any bytes give a Reading, and every problem is one line in plain words."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from newsroom.articles.reader import KINDS, Reading, read
from tests.articles.reading import FACTS, HEAD, LAYOUT, body_of, read_body, read_fields, read_text

JARGON = re.compile(
    r"pydantic|tuple|dict\b|model_|Traceback|valid string|Input should|instance of|isoformat|timedelta|\{'\w|\['\w"
)
SOURCES = st.sampled_from(["articles/2026/01/x.md", "pages/x.md", "authors/x.md", "articles/2026/01/x.km.md"])
MARKDOWN = st.text(alphabet=st.sampled_from("ab *_`~#>-+=[]()!|:/\\<>&\"'{}^.1\n\n\t\u1780TK"), max_size=120)
NESTED = st.recursive(
    st.sampled_from(["", "x", "2026-01-03", "1", "TK", "[", "04/05/2026", "ខ្មែរ", "a.jpg"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["image", "alt", "date", "text", "name", "part", "", "0"]), inner, max_size=3)
    ),
    max_leaves=5,
)
FIELDS = sorted({name for model in KINDS.values() for name in model.model_fields})


def check(reading: Reading) -> None:
    """What holds for every reading."""
    assert (reading.document is None) == bool(reading.problems)
    for problem in reading.problems:
        assert problem.line >= 1
        assert problem.message
        assert problem.remedy
        assert "\n" not in str(problem)
        str(problem).encode()


@given(st.binary(max_size=300), SOURCES)
@settings(deadline=None)
@example(
    b"---\ntitle: x\ndate: 9999-12-31 23:59-12:00\ncategory: Politics\nauthors: [a]\nsummary: x\n---\n", "articles/x.md"
)
def test_any_bytes_give_a_reading(data: bytes, source: str) -> None:
    check(read(data, source, FACTS, LAYOUT))


@given(MARKDOWN)
@settings(deadline=None)
def test_any_markdown_gives_a_reading(markdown: str) -> None:
    check(read_body(markdown))


BLOCKS = ["\n/// caption\n", "\n///\n", "\n/// factbox | Title\n", "\n/// pullquote\n", "\n/// video | Title\n"]
PIECES = [
    "text",
    "TK",
    "[",
    "![A](a.jpg)",
    "- item\n",
    "> quote\n",
    "## A\n",
    "https://[",
    "`code`",
    "\n\n",
    "<p>",
    "[^1]: x",
]


@given(st.lists(st.sampled_from([*BLOCKS, *PIECES]), max_size=10).map("".join))
@settings(deadline=None)
@example("/// caption\n")
@example("/// caption\n///\n")
@example("/// pullquote\n")
@example("/// video | Title\n")
@example("/// video | Title\nhttps://[x\n///\n")
def test_blocks_in_any_order_give_a_reading(markdown: str) -> None:
    reading = read_body(markdown)
    check(reading)
    for problem in reading.problems:
        assert "Error" not in problem.message


def test_an_empty_caption_repeats_nothing() -> None:
    found = [problem.message for problem in read_body("A ferry.\n\n![A ferry.](a.jpg)\n\n/// caption\n///\n").problems]
    assert not [message for message in found if "repeats" in message]


@given(st.dictionaries(st.sampled_from(FIELDS), NESTED, max_size=4), SOURCES)
@settings(deadline=None)
@example({"tags": "one\ntwo"}, "articles/2026/01/x.md")
def test_fields_of_any_shape_give_plain_sentences(fields: dict[str, Any], source: str) -> None:
    front = {"title": "T", "date": "2026-01-02", "category": "Politics", "authors": ["a"], "summary": "S", **fields}
    known = {name: value for name, value in front.items() if name in KINDS[source.partition("/")[0]].model_fields}
    reading = read_text(f"---\n{yaml.safe_dump(known, allow_unicode=True)}---\n", source)
    check(reading)
    for problem in reading.problems:
        assert not JARGON.search(problem.message), problem.message


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("value", ["{a: {b: c}}", "[[[x]]]", "[{}]", "{}", "[]", "''", "x", "[x, {a: b}]", "{0: x}"])
def test_a_wrong_type_gives_sentences_for_that_field_only(field: str, value: str) -> None:
    for source, model in (("articles/2026/01/x.md", "articles"), ("pages/x.md", "pages"), ("authors/x.md", "authors")):
        if field not in KINDS[model].model_fields:
            continue
        required = {"articles": HEAD, "pages": "---\ntitle: T\nsummary: S\n---\n", "authors": "---\nname: N\n---\n"}
        lines = [line for line in required[model].splitlines() if not line.startswith(f"{field}:")]
        text = "\n".join([*lines[:-1], f"{field}: {value}", "---", ""])
        reading = read_text(text, source)
        check(reading)
        for problem in reading.problems:
            assert not JARGON.search(problem.message), problem.message
            assert field in problem.message
            assert problem.line == len(lines)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_of_every_system_read_the_same(end: str) -> None:
    text = (HEAD + "One\n\n## Two\n\nTK\n").replace("\n", end)
    assert [problem.line for problem in read_text(text).problems] == [12]


def test_an_article_of_windows_is_that_of_unix() -> None:
    text = HEAD + "One\n\n- a\n- b\n\n```\ncode\n\ncode\n```\n"
    assert read_text(text.replace("\n", "\r\n")).document == read_text(text).document


def test_reading_twice_gives_the_same() -> None:
    """Markdown keeps footnotes, references and ids between two texts unless told to forget them."""
    text = "## A\n\nB[^1] [c]\n\n[^1]: D\n[c]: https://site.test/\n"
    assert body_of(text) == body_of(text)
    assert "site.test" not in body_of("[c]").html


def test_a_text_that_breaks_markdown_does_not_break_the_next() -> None:
    """One converter serves many texts: what an exception leaves in it must not spoil the rest of the archive."""
    text = "Text `code` text.\n\n- item\n\n## Heading\n\nLast."
    before = body_of(text)
    assert read_body("* " * 5_000 + "x").problems
    assert body_of(text) == before


@pytest.mark.parametrize(
    ("source", "lang", "slug", "url"),
    [
        ("articles/2026/01/x.md", "en", "x", "2026/01/x.html"),
        ("articles/2026/01/x.km.md", "km", "x", "km/2026/01/x.html"),
        ("articles/x.md", "en", "x", "2026/01/x.html"),
    ],
)
def test_where_an_article_goes(source: str, lang: str, slug: str, url: str) -> None:
    document = read_text(HEAD, source).document
    assert document
    assert (document.lang, document.slug, document.url, document.key) == (lang, slug, url, source.split(".")[0])


def test_the_address_has_the_month_of_the_sites_time_zone() -> None:
    text = HEAD.replace("2026-01-02", "2025-12-31 18:00Z")
    document = read_text(text).document
    assert document
    assert document.url == "2026/01/x.html"


def test_a_language_in_the_front_matter_is_the_articles() -> None:
    document = read_text(HEAD.replace("title: T", "title: T\nlang: km")).document
    assert document
    assert (document.lang, document.url) == ("km", "km/2026/01/x.html")


def test_a_draft_is_told_even_where_it_has_mistakes() -> None:
    assert read_text(HEAD.replace("title: T", "title:\nstatus: draft")).draft
    assert not read_text(HEAD.replace("title: T", "title:")).draft


@pytest.mark.parametrize("text", ["'a\\x07b'", '"a\\x07b"', '"a\\0b"', '"a\\uFFFFb"', '"a\\ud800b"'])
def test_yaml_cannot_smuggle_in_a_character_that_feeds_cannot_hold(text: str) -> None:
    found = read_fields(f"methods: {text}")
    assert len(found) == (text[0] == '"')


def test_a_headline_is_one_line() -> None:
    found = read_text(HEAD.replace("title: T", "title: |\n  One\n  two")).problems
    assert [problem.line for problem in found] == [2]
