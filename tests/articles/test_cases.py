"""One behaviour a file: tests/cases/*.txt hold the input above what a build must make of it.

A line `==== NAME` begins a block. What it holds depends on the name:

    ==== content/articles/2026/01/x.md    a text file
    ==== body                             the same file below the ten lines of HEAD: its line 1 is line 11
    ==== picture content/…                a small picture; the block is empty
    ==== bytes content/…                  a file written with Python's escapes, such as \\xef
    ==== size content/…                   a file of so many zero bytes
    ==== link content/…                   a symbolic link to the path in the block, seen from the site's folder

The last block is what is expected: `==== problems`, in the order in which they are printed, or `==== html`, the
finished body of x.md, in which HASH stands for the name of a picture. The author `writer` always exists.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.articles.sites import body, picture, plan, problems, write

CASES = sorted((Path(__file__).resolve().parents[1] / "cases").glob("*.txt"))
ARTICLE = "content/articles/2026/01/x.md"
HEAD = """---
title: Headline
date: 2026-01-02
category: Politics
authors: [writer]
summary: Summary.
tags:
- Topic
status: published
---
"""


def blocks(text: str) -> list[tuple[str, str]]:
    """The blocks of a case, each as (name, content)."""
    parts = re.split(r"^==== (.+)\n", text, flags=re.MULTILINE)
    assert not parts[0], "a case begins with ===="
    return list(zip(parts[1::2], parts[2::2], strict=True))


def make(folder: Path, name: str, content: str) -> None:
    """Make what one block of the input describes."""
    kind, _, path = name.partition(" ")
    if name == "body":
        write(folder, {ARTICLE: HEAD + content})
    elif kind == "picture":
        write(folder, {path: picture()})
    elif kind == "bytes":
        write(folder, {path: content.removesuffix("\n").encode("ascii").decode("unicode_escape").encode("latin-1")})
    elif kind == "size":
        write(folder, {path: b""})
        with (folder / path).open("wb") as file:
            file.truncate(int(content))
    elif kind == "link":
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).symlink_to(folder / content.strip())
    else:
        write(folder, {name: content})


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_case(case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1780000000")  # 2026-05-28 20:26:40 UTC
    *given, (expected, text) = blocks(case.read_text(encoding="utf-8"))
    for name, content in given:
        make(tmp_path, name, content)
    if expected == "problems":
        assert "\n".join(problems(tmp_path)) == text.strip()
    else:
        assert expected == "html"
        finished = re.sub("images/[0-9a-f]{16}", "images/HASH", body(plan(tmp_path)))
        assert finished.strip() == text.strip()


def test_no_case_is_named_twice_or_lost() -> None:
    assert len(CASES) > 100
    assert {path.suffix for path in CASES[0].parent.iterdir()} == {".txt"}
