"""Lines: a problem of the body names the line on which a reporter finds it, below whatever code shows."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.articles.reading import FIRST, body_of, read_body

CODE = {
    "a fence": "```\n{}\n```",
    "a fence with a language": "```markdown\n{}\n```",
    "a fence of tildes": "~~~\n{}\n~~~",
    "a fence in a fence": "````\n```\n{}\n```\n````",
    "a fence with backquotes in it": "```\n`a`\n{}\n``\n```",
    "a fence with empty lines": "```\n\n{}\n\n\n```",
    "a fence in a list": "- item\n\n    ```\n    {}\n    ```",
    "a fence in a quote": "> ```\n> {}\n> ```",
    "indented code": "    {}",
    "inline code": "Text `{}` text.",
    "inline code of two backquotes": "Text ``{} ` `` text.",
    "inline code over two lines": "Text `code\n{}` text.",
    "a comment": "<!-- {} -->",
    "a comment over lines": "<!--\n{}\n-->",
    "raw code": "<pre><code>\n{}\n</code></pre>",
}
FAULTS = {
    "a note to come": "TK",
    "an unclosed note": "[check",
    "a jumping heading": "#### Quokka",
    "a picture elsewhere": "![A](https://other.test/quokka.jpg)",
}


PAIRS = [(code, fault) for code in CODE for fault in FAULTS if (code, fault) != ("a comment", "an unclosed note")]


@pytest.mark.parametrize(("code", "fault"), PAIRS)
def test_a_fault_below_code_that_shows_the_same_has_its_own_line(code: str, fault: str) -> None:
    shown = CODE[code].replace("{}", FAULTS[fault])
    text = f"First paragraph.\n\n{shown}\n\nSecond paragraph.\n\n{FAULTS[fault]}\n\nLast paragraph.\n"
    expected = FIRST + text.count("\n", 0, text.rindex(FAULTS[fault]))
    assert [problem.line for problem in read_body(text).problems] == [expected]


@pytest.mark.parametrize("code", CODE)
def test_links_and_pictures_below_code_have_their_own_lines(code: str) -> None:
    shown = CODE[code].replace("{}", "[a](quokka.md) ![b](quokka.jpg)")
    text = f"First.\n\n{shown}\n\n[a](quokka.md)\n\n![b](quokka.jpg)\n"
    body = body_of(text)
    first = FIRST + text.count("\n", 0, text.rindex("[a]"))
    assert [link.line for link in body.links] == [first]
    assert [inset.reference.line for inset in body.insets] == [first + 2]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("quokka.md\n\n[a](quokka.md)", 3),
        ("[a](https://other.test/quokka.md)\n\n[a](quokka.md)", 3),
        ("[quokka.md](https://other.test/)\n\n[a](quokka.md)", 3),
        ('[a](https://other.test/ "quokka.md")\n\n[a](quokka.md)', 3),
        ("Text\n[a]( quokka.md )", 2),
        ("Text\n[a](<quokka.md>)", 2),
        ("Text\n<a href='quokka.md'>a</a>", 2),
        ("Text\n\n[a][b]\n\n[b]: quokka.md", 5),
        ("Text\n\n- item\n  [a](quokka.md)", 4),
        ("| a |\n|---|\n| b |\n| [a](quokka.md) |", 4),
        ("Text.[^1]\n\nText.\n\n[^1]: [a](quokka.md)", 5),
        ("> Text\n> [a](quokka.md)", 2),
    ],
)
def test_the_line_of_a_link(text: str, line: int) -> None:
    link = next(link for link in body_of(text).links if link.target.endswith("quokka.md"))
    assert link.line == FIRST + line - 1


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Quokka.\n\n#### Quokka", 3),
        ("Text.\n\n#### The *quokka*", 3),
        ("Text.\n\n#### The `quokka`", 3),
        ("Text.\n\n#### [Quokka](https://other.test/)", 3),
        ("Text.\n\n#### Quokka & kin", 3),
        ("Text.\n\n#### Quokka {#id}", 3),
        ("Text.\n\n#### Quokka ####", 3),
        ("## a\n\nText a.\n\n#### a", 5),
        ("Text.\n\n<h4>Quokka</h4>", 3),
        ("Text.\n\n- #### Quokka", 3),
        ("Text.\n\nQuokka\n======", 3),
        ("```\n#### Quokka\n```\n\n#### Quokka", 5),
    ],
)
def test_the_line_of_a_heading(text: str, line: int) -> None:
    (problem,) = read_body(text).problems
    assert problem.line == FIRST + line - 1


@given(st.lists(st.sampled_from(["text", "```\nTK\n```", "`TK`", "    TK", "TK", "- TK", "> TK"]), max_size=12))
@settings(deadline=None)
def test_every_note_to_come_has_its_line(blocks: list[str]) -> None:
    text = "\n\nand\n\n".join(blocks)
    lines = text.split("\n")
    fenced = [n for n, line in enumerate(lines) if line == "TK" and n and lines[n - 1] == "```"]
    wanted = [FIRST + n for n, line in enumerate(lines) if line in ("TK", "- TK", "> TK") and n not in fenced]
    assert [problem.line for problem in read_body(text).problems] == wanted


def test_a_long_body_keeps_count() -> None:
    text = "".join(f"## Part {n}\n\n```\nTK {n}\n```\n\nText {n}.\n\n" for n in range(300)) + "TK\n"
    assert [problem.line for problem in read_body(text).problems] == [FIRST + text.count("\n") - 1]
