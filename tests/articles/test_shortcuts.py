"""Shortcuts change nothing: what they make is compared with the full passes of PyYAML, Markdown and typogrify."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from html.parser import HTMLParser
from typing import Any
from unittest.mock import patch

import pytest
import smartypants
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from typogrify import filters

from newsroom.articles import body, frontmatter, markdown, shortcuts, sourcelines
from newsroom.articles.shortcuts import Apart, holds_typography, set_apart
from tests.archive import CORPUS
from tests.articles.reading import SOURCE
from tests.articles.test_cases import CASES
from tests.support import ROOT

SHARES = 8  # of the corpus, so that workers can take one each


def full_feed(parser: HTMLParser, page: str) -> None:
    parser.feed(page)
    parser.close()


full_converter = lru_cache(markdown.make_converter)


@contextmanager
def full_passes() -> Iterator[None]:
    """No shortcut is taken."""
    with ExitStack() as stack:
        for where, name, full in (
            (body, "set_apart", Apart),
            (body, "feed", full_feed),
            (markdown, "_converter", full_converter),
            (markdown, "typogrify", filters.typogrify),
            (markdown, "holds_typography", lambda text: True),
            (frontmatter, "_LOADER", None),
            (sourcelines, "_BLOCK_MARKS", ("",)),
        ):
            stack.enter_context(patch.object(where, name, full))
        yield


def made(text: str, lang: str = "en") -> Any:
    """All that is made of a body: HTML, ids, links and pictures, faults."""
    found, faults = body.make_body(text, 1, SOURCE, lang)
    return found.html, found.ids, found.links, found.insets, faults


def assert_same(text: str, *langs: str) -> None:
    for lang in langs or ("en",):
        quick = made(text, lang)
        with full_passes():
            assert quick == made(text, lang)


# Documents ------------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not CORPUS.is_dir(), reason="needs ../shared/corpora/18f, a real archive of posts")
@pytest.mark.parametrize("share", range(SHARES))
def test_no_post_of_the_archive_changes(share: int) -> None:
    for path in sorted((CORPUS / "posts").iterdir())[share::SHARES]:
        _, front, text = path.read_text(encoding="utf-8").split("---\n", 2)
        assert_same(text)
        assert_same_fields(front)


def test_no_case_changes() -> None:
    for path in CASES:
        for text in path.read_text(encoding="utf-8").split("====")[1:]:
            assert_same(text.partition("\n")[2], "en", "km")


def test_no_text_of_this_site_changes() -> None:
    for path in [*(ROOT / "content").rglob("*.md"), *(ROOT / "tests" / "sites").rglob("*.md")]:
        front, _, text = path.read_text(encoding="utf-8").removeprefix("---\n").partition("---\n")
        assert_same(text, "en", "km")
        assert_same_fields(front)


WORDS = (
    "word word word word It Foo end s x news, said. 1. 2021 80s 18F UN NASA U.S. TK ភាសា é “q” ’ — … - -- --- . ... "
    "it's reporters' 's s' '80s \"q q\" \" ' '\" \"' (\"so [\" a&b & &amp; &nbsp; &#8217; &lt;b&gt; &#1; && + # = ~ : "
    "<b> </b> <i> <br> <div> </div> <a> </a> <kbd>K</kbd> <samp> <code> </code> <!-- --> <https://x.org> <h2> "
    '*em* *em em* **bold** ***x*** _em_ __st__ a_b * _ ** *it\'s* "*em*" *"em"* *em*, *em*s `c` ``c`` ` `a*b` '
    "[l](https://x.org/a_b) [l](../02/y.md#z) [l](a?b=1&c=2) [l](https://a.org/?b=1&c=2) [a] [^1] [ ] [l](x(y)) "
    "[l](mailto:a@b.org) [l](javascript:x) [l](https://xn--a.org) [*l*](x.md) *[l](x.md)* **[l](x.md)** _[l](x)_ "
    "![p](a.jpg) ! ( ) \\ \\* { } {:.c} | a|b / // /// href=a: qzsetapartqz0 [TOC]"
).split(" ")
WORDS += ['<a href="x.md">', '<img src="a.jpg" alt="A & B">', "**[l](x.md) a**", "{: .c}"]
SPACES = [" "] * 20 + [
    "",
    "\n",
    "  ",
    "\xa0",
    "  \n",
    "\n    ",
    "\t",
    "\u2028",
    "\x0b",
    "\x0c",
    "\x1c",
    "\x85",
    "\u3000",
]
LINES = (
    "## Head|# H|Head\n---|Head\n===|---|***|- a|- a\n- b|* a|1. a\n2. b|    code|\tcode|> quote|```|```\ncode\n```|"
    "![p](a.jpg)\n\n/// caption\np\n///|/// caption|///|/// factbox|/// pullquote|~~~|[a]: https://x.org|[TOC]|{: .c}|"
    "![p](a.jpg)\nCredit: p|Credit: p|![p](a.jpg)\np\n\n/// caption\n\np\nCredit: p\n\n///|"
    "[^1]: Note|[^1]: Note\n    more|<div>|</div>|<div>\n\nfoo\n\n</div>|<div markdown='1'>|<h2 markdown='1'>|<table>|"
    "<a>|<b>|</b>|<samp>|</samp>|<code>|<pre>|</pre>|<figure>|</figure>|<figcaption>|<!--|-->|&nbsp;|   |\t|\x02|\xa0"
).split("|")
LINES += ["| a | b |\n|---|---|\n| c | d |", "/// factbox | T", "/// pullquote | W", "/// video | T\nhttps://x.y\n///"]
prose = st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(SPACES)), min_size=1, max_size=12).map(
    lambda pairs: "".join(word + space for word, space in pairs)
)
blocks = st.one_of(prose, prose.map(str.strip), st.sampled_from(LINES))
documents = st.lists(
    st.tuples(blocks, st.sampled_from(["\n\n"] * 6 + ["\n", "\n\n\n", "\n \n", "  \n\n"])), max_size=6
).map(lambda pairs: "".join(block + end for block, end in pairs))


@given(documents)
@settings(max_examples=200)
def test_no_text_changes(text: str) -> None:
    assert_same(text)


@given(documents)
@settings(max_examples=40)
def test_no_khmer_text_changes(text: str) -> None:
    assert_same(text, "km")


@pytest.mark.parametrize(
    "text",
    [
        "<a>\n\n[s](o)",
        '<figcaption><code>"</p>ា',
        "\t\n\nd",
        '--"u',
        "s's' ",
        "Line  \nbroken *em*\n\n- line  \n  broken *em*",
        "`a\xa0b`\xa0c \n\nd\xa0",
        "![p](a.jpg)\n\n/// caption\n\nplain *text*\n\n///",
        "one\n\ntwo\n\n/// caption\nc\n///",
        "![p](a.jpg)\n\n/// caption\n\nplain\nCredit: *p*\n\nLicence: p\n\n///",
        "[TOC]\n\n## One\n\n## Two",
        "```\n\nplain\n\n```\n\nplain",
        "<h2 markdown='1'>\n\nplain\n\n</h2>\n\nplain",
        'A & B &amp; C\n\n<img alt="A & B" src="a.jpg"> "*A*" \'s',
    ],
)
def test_what_once_went_wrong_stays_mended(text: str) -> None:
    assert_same(text, "en", "km")


def test_no_character_changes() -> None:
    """Those that some pass treats as a space or as nothing, and their neighbours, at every place in a paragraph."""
    ranges = (range(0x100), (0x1680, 0x180E, 0x3000, 0xFEFF), range(0x2000, 0x2070))
    characters = [chr(n) for each in ranges for n in each if not body.CONTROL.match(chr(n))]
    for form in ("a {}b *c{}d* {}", "{}a", "a{}\nb", "[a{}b](x.md)", "[a](x{}y)", "`a{}b`", "\"{}a{}\" '{}'"):
        assert_same("\n\n".join(form.replace("{}", each) for each in characters))


def test_plain_prose_needs_no_markdown() -> None:
    text = (
        'It\'s *one* "plain" paragraph, with **strong words**, `code` and [a *link*](https://site.test/a_b?c=d).\n\n'
        "[Another](../02/x.md)\nof two lines -- 2021… _fin_.\n"
    ).replace("a *link*", "*a link*")
    with patch.object(body, "to_html", side_effect=AssertionError):
        page = made(text)[0]
    assert page.count("<p>") == 2
    assert "{filename}articles/2026/02/x.md" in page
    assert set_apart(f"{text}\n\n## Heading\n\n{text}").text.count("\n\n") == 2


# Typography -----------------------------------------------------------------------------------------------------------


@given(st.text(st.sampled_from("abs S1_'\"'\"-.. ()[]{}&;\n\t\xa0\\`“’—!?ក"), max_size=14))
@settings(max_examples=400)
def test_quotation_marks_turn_as_smartypants_turns_them(text: str) -> None:
    assert shortcuts._smart(text, "") == smartypants.smartypants(text)
    assert holds_typography(text) or smartypants.smartypants(text) == text


TAGS = "p h2 li dt dd em strong a b i span code pre blockquote kbd samp br".split()
PIECES = [f"<{tag}>" for tag in TAGS] + [f"</{tag}>" for tag in TAGS] + ['<a href="x" title="a &amp; b > c">', "&amp;"]


@given(st.lists(st.sampled_from([*PIECES, *WORDS[:40], " ", " ", "\n", "&nbsp;"]), max_size=16).map("".join))
@settings(max_examples=400)
def test_filters_do_what_typogrify_does(page: str) -> None:
    page = markdown._SANITISER.clean(page)
    assert shortcuts.typogrify(page) == filters.typogrify(page)


# Front matter ---------------------------------------------------------------------------------------------------------


def read_front(text: str) -> Any:
    front = frontmatter.split(f"---\n{text}\n---\n")
    return front.data, front.lines, front.faults


def assert_same_fields(text: str) -> None:
    quick = read_front(text)
    with full_passes():
        assert quick == read_front(text)


VALUES = (
    "word|It's|\"quoted\"|'single'|a: b|a:b|#x|x #y|[n]|[a, b]|[\"x y\", z]|['q']|[{a: b}]|{a: b}|{|[|]|Why?|? no|?|"
    'a - b|- c|- - d|5%|%5|@x|`t`|A & B|&x|*y|! z|!t|it!|>|>-|>\n  folded\n  text|ខ្មែរ|“q”|\xa0|\\|\\n|\\"|2021|'
    '1:30|...|---|~|=|<<: x|""|\'\'|:|,|"|\'|\u2028|\x85|\ufeff|\x07|"\\x07"|\n  more|\n\n  more|# note'
).split("|")
VALUES += ["|", "|\n  kept\n  text", "|-\n  kept"]
values = st.lists(st.sampled_from(VALUES), max_size=4).map(" ".join)
fields = st.lists(
    st.tuples(
        st.sampled_from(["title", "a b", "- x", "\n- ", "  k", '"q"', "é", ""]),
        st.sampled_from([": ", ":", "", ":\n"]),
        values,
    ),
    min_size=1,
    max_size=4,
).map(lambda lines: "\n".join("".join(line) for line in lines))


@given(fields)
@settings(max_examples=400)
def test_fields_and_their_mistakes_read_the_same(text: str) -> None:
    assert_same_fields(text)


@pytest.mark.parametrize("nest", ["[" * 600, "{a: " * 600, "- " * 600, "\n".join(" " * n + "a:" for n in range(500))])
def test_deep_nesting_is_left_to_the_loader_that_survives_it(nest: str) -> None:
    assert not frontmatter.is_ordinary(nest)
    assert_same_fields(nest)


@pytest.mark.skipif(not yaml.__with_libyaml__, reason="needs PyYAML with libyaml")
def test_common_front_matter_is_read_by_libyaml() -> None:
    text = (
        "title: Why? It's “new”!\nsummary: >\n  A & B\ntags: [a, 'b c']\nauthors:\n- {author: a}\nhero:\n  alt: x [y]"
    )
    assert frontmatter.is_ordinary(text)
