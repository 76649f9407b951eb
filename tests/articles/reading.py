"""One document in memory: a text in, its Reading out."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from newsroom.articles.fieldtypes import Facts
from newsroom.articles.reader import Layout, Reading, read
from newsroom.articles.schema import Body

ZONE = ZoneInfo("Asia/Phnom_Penh")
FACTS = Facts(ZONE, ("en", "km"), {"Politics": "politics", "Press freedom": "press-freedom"})
LAYOUT = Layout("content", "{date:%Y}/{date:%m}/{slug}.html", "{slug}.html")
SOURCE = "articles/2026/01/x.md"
HEAD = "---\ntitle: T\ndate: 2026-01-02\ncategory: Politics\nauthors: [writer]\nsummary: S\n---\n"
FIRST = HEAD.count("\n") + 1  # the line on which a body begins


def read_text(text: str, source: str = SOURCE) -> Reading:
    """What comes of a whole file."""
    return read(text.encode(), source, FACTS, LAYOUT)


def read_body(markdown: str, source: str = SOURCE) -> Reading:
    """What comes of a body below valid front matter."""
    return read_text(HEAD + markdown, source)


def body_of(markdown: str, source: str = SOURCE) -> Body:
    """The body of a text that has no mistake."""
    reading = read_body(markdown, source)
    assert reading.document is not None, reading.problems
    return reading.document.body


def read_fields(fields: str, source: str = SOURCE) -> list[str]:
    """What is wrong with front matter that holds these lines besides the required ones; they begin on line 7."""
    reading = read_text(HEAD.removesuffix("---\n") + fields + "\n---\n", source)
    return [str(problem) for problem in reading.problems]
