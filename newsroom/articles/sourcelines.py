"""The line of the source on which a thing of the finished HTML stands.

Markdown forgets where its output comes from. The nth link, picture, heading or note of a kind in the HTML is
taken to be the nth in the source, where code is masked, because what stands there is text and no Markdown.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property

_FENCE = re.compile(r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*(`{3,}|~{3,})")
_ITEM = re.compile(r"[ \t>]*(?:[-*+]|\d{1,9}[.)])[ \t]")
_BLOCK_MARKS = ("```", "~~~", "\n    ", "\n\t")  # without any, only the first line can be a block of code
_PARAGRAPH_END = re.compile(r"\n[ \t]*\n")
_RAW = re.compile(r"<!--.*?(?:-->|\Z)|<pre\b.*?(?:</pre>|\Z)", re.DOTALL | re.IGNORECASE)
_TARGET = r"([^\s<>\"']+?)(?=[\s)>\"'|]|$)"
_LINK = re.compile(r"(?:\]\(\s{0,9}<?|\]:\s{0,9}<?|<|(?:href|src)\s?=\s?[\"']?)" + _TARGET, re.MULTILINE)
_PICTURE = re.compile(r"(?:!\[[^\]]{0,2000}\]\(\s{0,9}<?|src\s?=\s?[\"']?)" + _TARGET, re.MULTILINE)
_MARKER = r"^[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*"


class SourceLines:
    """Looks up lines of a body that begins on `first_line` of its file."""

    def __init__(self, source: str, first_line: int) -> None:
        self._source = source
        self._first = first_line
        self._next: dict[str, int] = defaultdict(int)  # where to search for a pattern's next occurrence
        self._last: dict[str, int] = {}  # the line of its last one
        self._targets: dict[re.Pattern[str], dict[str, list[int]]] = {}  # places of each address, last first

    @cached_property
    def _text(self) -> str:
        return mask_code(self._source)

    @cached_property
    def _breaks(self) -> list[int]:
        return [match.start() for match in re.finditer("\n", self._text)]

    def link(self, address: str) -> int:
        """The line of the next link to `address`, or of its definition."""
        return self._target(_LINK, address)

    def picture(self, address: str) -> int:
        """The line of the next picture from `address`."""
        return self._target(_PICTURE, address)

    def _target(self, pattern: re.Pattern[str], address: str) -> int:
        if pattern not in self._targets:
            places: dict[str, list[int]] = defaultdict(list)
            for match in pattern.finditer(self._text):
                places[match[1]].append(match.start(1))
            self._targets[pattern] = {target: found[::-1] for target, found in places.items()}
        found = self._targets[pattern].get(address, [])
        if not found:  # written with spaces, brackets or escapes
            return self._find(re.escape(address))
        return self._line(found.pop() if len(found) > 1 else found[0])

    def _line(self, place: int) -> int:
        return self._first + bisect_left(self._breaks, place)

    def heading(self, level: int) -> int:
        """The line of the next heading of this level, in any of Markdown's forms."""
        underlined = {1: r"|^[^\n]+\n=+[ \t]*$", 2: r"|^[^\n]*\S[^\n]*\n-{2,}[ \t]*$"}.get(level, "")
        return self._find(rf"{_MARKER}#{{{level}}}(?!#)|<[hH]{level}\b{underlined}")

    def text(self, found: str) -> int:
        """The line of the next place where these words stand, whatever the space between them."""
        words = [re.escape(word) for word in found.split()]
        edge = r"(?<![\w-])" if found[:1].isalnum() else ""
        after = r"(?![\w-])" if found[-1:].isalnum() and edge else ""
        return self._find(edge + r"\s+".join(words) + after, words[0] if words else "")

    def identifier(self, name: str, nth: int) -> int:
        """The line where the id `name` stands for the `nth` time, counted from 1."""
        line = self._first
        for _ in range(nth):
            line = self._find(rf"#{re.escape(name)}(?=[\s}}])|id\s?=\s?[\"']?{re.escape(name)}\b")
        return line

    def _find(self, *patterns: str) -> int:
        """The line of the next match of the first pattern that matches; else the last one found, or the start."""
        for pattern in filter(None, patterns):
            match = re.compile(pattern, re.MULTILINE).search(self._text, self._next[pattern])
            if match:
                self._next[pattern] = max(match.end(), match.start() + 1)
                self._last[patterns[0]] = self._line(match.start())
                return self._last[patterns[0]]
        return self._last.get(patterns[0], self._first)


def mask_code(source: str) -> str:
    """The source with every character of code replaced by a space; lines and places stay."""
    text = source
    if source.startswith(("    ", "\t")) or any(mark in source for mark in _BLOCK_MARKS):
        text = _mask_blocks(source)
    if "<" in text:
        text = _RAW.sub(_blank, text)
    return _mask_spans(text) if "`" in text else text


def _mask_blocks(source: str) -> str:
    lines: list[str] = []
    fence, in_list, before = "", False, ""
    for line in source.split("\n"):
        mark = _FENCE.match(line)
        hidden = bool(fence)
        if fence and mark and mark[1].startswith(fence) and not line[mark.end() :].strip():
            fence = ""
        elif not fence and mark and not (mark[1][0] == "`" and "`" in line[mark.end() :]):
            fence, hidden = mark[1], True
        elif not fence and line.strip():
            indented = line.startswith(("    ", "\t"))
            in_list = bool(_ITEM.match(line)) or (in_list and line[0] in " \t")
            hidden = indented and not in_list and (not before.strip() or lines[-1].strip() == "")
        lines.append(" " * len(line) if hidden else line)
        before = line
    return "\n".join(lines)


def _blank(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", match[0])


def _mask_spans(text: str) -> str:
    """Mask `code` within paragraphs: a run of backticks closes with the next run of the same length."""
    pieces: list[str] = []
    done = 0
    for start, end in _spans(text):
        pieces += [text[done:start], re.sub(r"[^\n]", " ", text[start:end])]
        done = end
    return "".join([*pieces, text[done:]])


def _spans(text: str) -> Iterator[tuple[int, int]]:
    begin = 0
    for stop in [*(match.start() for match in _PARAGRAPH_END.finditer(text)), len(text)]:
        runs = list(re.finditer(r"(?<!\\)`+", text[begin:stop]))
        places: dict[int, list[int]] = defaultdict(list)  # of runs, by length, last first
        for n in range(len(runs) - 1, -1, -1):
            places[len(runs[n][0])].append(n)
        n = 0
        while n < len(runs):
            same = places[len(runs[n][0])]
            while same and same[-1] <= n:
                same.pop()
            if same:
                yield begin + runs[n].start(), begin + runs[same[-1]].end()
                n = same[-1]
            n += 1
        begin = stop
