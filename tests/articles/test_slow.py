"""No file, however odd, keeps a build waiting: a hostile text ends the work of a whole newsroom."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from newsroom.articles.reader import LARGEST
from tests.articles.reading import read_body, read_text
from tests.support import ROOT, environment

SECONDS = 10  # of this process, whatever else runs; what these guard against takes minutes or hours

ODD = {
    "plain words": "word " * 40_000,
    "one word": "x" * 200_000,
    "one long line of Khmer": "សារព័ត៌មាន " * 5_000,
    "blank lines": "\n" * 20_000,
    "spaces": "a" + " " * 200_000 + "b",
    "lines of spaces": "   \n" * 8_000 + "```",
    "ten thousand open brackets": "[" * 10_000,
    "closed brackets": "]" * 100_000,
    "open pictures": "![a" * 1_500,
    "open links": "[a](" * 2_000,
    "backquotes": "`" * 15_000,
    "rising runs of backquotes": " ".join("`" * n for n in range(1, 200)),
    "fences": "```\n" * 5_000,
    "fences in quotes": "> ```\n" * 6_000,
    "a fence that never ends": "~~~\n" + "text\n" * 30_000,
    "open tags": "<a " * 3_000,
    "open attributes": '<img alt="' * 3_000,
    "comments that never end": "<!-- " * 20_000,
    "stars": "*" * 50_000,
    "stars and spaces": "* " * 5_000 + "x",
    "open emphasis": "*a " * 20_000,
    "quotes in quotes": "> " * 400 + "x",
    "lists in lists": "\n".join("    " * n + "- a" for n in range(100)),
    "elements in elements": "<div>" * 2_000,
    "pipes": "|a|b|\n|-|-|\n" + "|" * 50_000,
    "blocks": "/// factbox\n\nx\n///\n\n" * 500,
    "blocks in blocks": "/// factbox\n\n" * 300,
    "TK": "TK " * 20_000,
    "TKTK": "TK" * 50_000,
    "three thousand links": "".join(f"A paragraph with a [link](x{n}.md).\n\n" for n in range(3_000)),
    "two thousand pictures": "".join(f"![A picture](x{n}.jpg)\n\n" for n in range(2_000)),
    "an attribute list": "## a {" + "x" * 50_000,
}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_text_is_read_in_seconds(name: str) -> None:
    begun = time.process_time()
    read_body(ODD[name])
    assert time.process_time() - begun < SECONDS


@pytest.mark.parametrize("name", ["title: {}", "tags: [{}]", "# {}", "category: {}", "{}: x", "title: '{}'"])
def test_odd_front_matter_is_read_in_seconds(name: str) -> None:
    begun = time.process_time()
    read_text(f"---\n{name.format('p' * 200_000)}\n---\n")
    assert time.process_time() - begun < SECONDS


def test_an_article_of_the_largest_size_is_read_in_seconds() -> None:
    paragraph = "A paragraph with *emphasis*, a [link](https://site.test/) and `code` for the test.\n\n"
    begun = time.process_time()
    reading = read_body(paragraph * (LARGEST // 20 // len(paragraph)))
    assert reading.document
    assert time.process_time() - begun < SECONDS


BLOCKS_IN_LISTS = [
    ">///pullquote\n///\n>\n///caption",
    "> /// pullquote | Someone\nWords.\n///\nText\n/// caption\n",
    "- /// factbox | t\n- x\n/// caption\n",
    "- /// factbox | t\n- x\n/// factbox | u\n",
    "- /// pullquote | t\n- x\n/// pullquote\n",
    "- /// factbox | t\n  x\n  ///\n|-|  \n~~~\n/// caption\nx\n///\n\\- /// factbox | t\n  x\n  ///\n<p>",
]


def test_blocks_in_lists_and_quotations_come_to_an_end() -> None:
    """pymdown-extensions' blocks turn round for ever on some of these, so another process tries them."""
    code = f"from tests.articles.reading import read_body\nfor text in {BLOCKS_IN_LISTS!r}: read_body(text)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment(), timeout=20, check=False)
    assert done.returncode == 0
