"""Latin letters in a Khmer page: which of them are a phrase in another language, to be read aloud as such.

Letters do not tell a language. But where only one language of the site is written in these, what stands in a text of
the site is most likely in it; an author who quotes another says so: `*à la carte*{lang=fr}`. Names and single words
are left to the voice of the page, as WCAG 2.2 leaves them (3.1.2; docs/decisions/017).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import cache

from babel.core import get_global

_RUN = re.compile("[\t\n\r -~\u00a0-\u024f\u1e00-\u1eff\u2010-\u2027\u2030-\u205e]+")  # no letter of another script
_WORD = re.compile(r"(?<!\S)[^\w\s&]*([A-Za-z]+(?:['’-][A-Za-z]+)*)[^\w\s&]*(?!\S)")  # no address, no &amp;
_INLINE_TAG = re.compile(r"</?(?:a|abbr|b|cite|del|dfn|em|i|ins|mark|q|s|small|span|strong|sub|sup|u|var|wbr)\b")
_Part = tuple[int, re.Match[str]]  # a piece's number, and where in it


@cache
def latin_language(languages: tuple[str, ...]) -> str:
    """The only one of the languages that is written in Latin letters; "" where none is, or several are."""
    found = [code for code in languages if _script(code) == "Latn"]
    return found[0] if len(found) == 1 else ""


def _script(code: str) -> str:
    language, *others = code.split("-")
    likely: str = get_global("likely_subtags").get(language, "")
    return next((each for each in [*others, *likely.split("_")] if len(each) == 4), "")


def mark_phrases(pieces: list[str], open_to: Collection[int], lang: str) -> None:
    """Say of each phrase that it is in `lang`. `pieces` are texts and, between them, tags; only the texts whose numbers
    are in `open_to` are marked, and a phrase goes on behind the tags of inline elements."""
    spans: list[tuple[int, int, int]] = []
    for parts in _runs(pieces, open_to):
        words = [(n, [*_WORD.finditer(run[0])], run.start()) for n, run in parts]
        if _is_phrase([word[1] for _, found, _ in words for word in found]):
            spans += [(n, at + found[0].start(1), at + found[-1].end(1)) for n, found, at in words if found]
    for n, start, end in reversed(spans):
        piece = pieces[n]
        pieces[n] = f'{piece[:start]}<span lang="{lang}">{piece[start:end]}</span>{piece[end:]}'


def _is_phrase(words: list[str]) -> bool:
    """Two words or more that are not a name only."""
    return len(words) > 1 and any(word[0].islower() for word in words)


def _runs(pieces: list[str], open_to: Collection[int]) -> Iterator[list[_Part]]:
    """Runs without a letter of another script, each in its parts."""
    parts: list[_Part] = []
    for n, piece in enumerate(pieces):
        if n % 2 or not piece:
            ends = bool(piece) and not _INLINE_TAG.match(piece)
        else:
            found = [*_RUN.finditer(piece)] if n in open_to else []
            for run in found:
                if run.start():
                    yield parts
                    parts = []
                parts = [*parts, (n, run)]
            ends = not found or found[-1].end() < len(piece)
        if ends:
            yield parts
            parts = []
    yield parts
