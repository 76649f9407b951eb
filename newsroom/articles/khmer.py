"""Khmer words: in writing nothing separates them, so lines may break only where somebody knows that a word ends.

Browsers without a dictionary break Khmer at spaces only. `<wbr>` marks the ends of words for all of them; unlike a
zero-width space it is no part of the text that readers copy and search. Where the author typed zero-width spaces,
these decide.
"""

from __future__ import annotations

import re
from functools import lru_cache

from markupsafe import Markup, escape

KHMER = re.compile("[\u1780-\u17ff\u19e0-\u19ff]")
WBR = "<wbr>"
_ZERO_WIDTH_SPACE, _COENG = "\u200b", "\u17d2"  # coeng puts the next consonant below the last one
_RUN = re.compile("[\u1780-\u17ff][\u1780-\u17ff ]+[\u1780-\u17ff]")  # with its spaces: words are told by those around
_BEGINS = re.compile("[\u1780-\u17b3\u17db\u17e0-\u17e9]")  # a consonant, a vowel of its own, riel, a digit
_TAG = re.compile(r'(<(?:"[^"]*"|[^">])*>)')
_CODE = re.compile("<(/?)(?:code|pre|kbd|samp)\\b")


def words(run: str) -> list[str]:
    """The words of a run of Khmer, with the punctuation that follows them, and those that spaces separate in one
    piece; never a part of a cluster."""
    import khmercut  # its model takes 0.06 s to load, which sites without Khmer need not wait for

    pieces: list[str] = khmercut.tokenize(run)
    if "".join(pieces) != run:
        return [run]
    found = pieces[:1]
    for piece in pieces[1:]:
        if _BEGINS.match(piece) and not found[-1].endswith((_COENG, " ")):
            found.append(piece)
        else:
            found[-1] += piece
    return found


def break_words(page: str) -> str:
    """HTML whose Khmer may break between words, except in code. `<` must be escaped in its text."""
    pieces = _TAG.split(page)
    code = 0
    for n, piece in enumerate(pieces):
        if n % 2:
            tag = _CODE.match(piece)
            code += (-1 if tag[1] else 1) if tag else 0
        elif not code:
            pieces[n] = _broken(piece)
    return "".join(pieces)


def _broken(text: str) -> str:
    if _ZERO_WIDTH_SPACE in text:
        return text
    return _RUN.sub(lambda run: WBR.join(words(run[0])), text)


def breakable(text: object) -> str:
    """The same of a plain text such as a headline; in templates, `{{ title | breakable }}`."""
    return _breakable(text if isinstance(text, str) else str(text))


@lru_cache(maxsize=20_000, typed=True)  # Markup is equal to the same text that is none
def _breakable(text: str) -> str:
    if not KHMER.search(text):
        return text
    return Markup(_broken(str(escape(text))))  # noqa: S704 (escaped)
