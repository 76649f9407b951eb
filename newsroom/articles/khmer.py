"""Khmer words: in writing nothing separates them, so lines may break only where somebody knows that a word ends. And
Khmer in a page of another language, or that in a Khmer page: what reads a page aloud must be told which it is.

Browsers without a dictionary break Khmer at spaces only. `<wbr>` marks the ends of words for all of them; unlike a
zero-width space it is no part of the text that readers copy and search. Where the author typed zero-width spaces,
these decide.
"""

from __future__ import annotations

import re
from functools import lru_cache

from markupsafe import Markup, escape

from newsroom.articles.latin import mark_phrases

KHMER = re.compile("[\u1780-\u17ff\u19e0-\u19ff]")
WBR = "<wbr>"
_ZERO_WIDTH_SPACE, _COENG = "\u200b", "\u17d2"  # coeng puts the next consonant below the last one
_RUN = re.compile("[\u1780-\u17ff][\u1780-\u17ff ]+[\u1780-\u17ff]")  # with its spaces: words are told by those around
_BEGINS = re.compile("[\u1780-\u17b3\u17db\u17e0-\u17e9]")  # a consonant, a vowel of its own, riel, a digit
_TAG = re.compile(r'(<(?:"[^"]*"|[^">])*>)')
_NAMED = re.compile(r'<\w+(?:\s+[\w:-]+(?:="[^"]*")?)*?\s+lang="')
_NAME = re.compile("<(/?)([a-z][a-z0-9]*)")
_CODE = frozenset(("code", "pre", "kbd", "samp"))
_EMPTY = frozenset(("img", "br", "hr", "col", "wbr"))  # elements that hold nothing
_LETTER = "\u1780-\u17ff\u19e0-\u19ff"
_SPOKEN = re.compile(f"[{_LETTER}](?:[{_LETTER} \u200b\u200c]*[{_LETTER}])?")


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


def pieces(text: str) -> list[str]:
    """The parts of a plain text between which its lines may end, each with the spaces behind it."""
    if _ZERO_WIDTH_SPACE not in text:
        text = _RUN.sub(lambda run: _ZERO_WIDTH_SPACE.join(words(run[0])), text)
    return [each for part in text.split(_ZERO_WIDTH_SPACE) for each in re.findall(r"\S+\s*|\s+", part)]


def break_words(page: str, lang: str = "km", latin: str = "") -> str:
    """HTML of a page in `lang` whose Khmer may break between words, except in code; in another language its runs are
    marked as Khmer where no element names a language, in Khmer its phrases in Latin letters as `latin`, unless that is
    "". `<` must be escaped in its text."""
    pieces = _TAG.split(page)
    texts, unnamed = _places(pieces)
    if lang == "km" and latin:
        mark_phrases(pieces, unnamed, latin)
    for n in texts:
        pieces[n] = _broken(pieces[n], marked=lang != "km" and n in unnamed)
    return "".join(pieces)


def _places(pieces: list[str]) -> tuple[list[int], set[int]]:
    """Which pieces of a page, text and tag by turns, are text and no code; and which of these no element names the
    language of."""
    texts, unnamed = [], set()
    code = depth = 0
    named = ""  # the element that names a language; `depth` counts those of its kind
    for n, piece in enumerate(pieces):
        if not n % 2:
            if not code:
                texts.append(n)
                unnamed |= set() if depth else {n}
        elif tag := _NAME.match(piece):
            step, name = -1 if tag[1] else 1, tag[2]
            code += step if name in _CODE else 0
            if depth:
                depth += step if name == named else 0
            elif step > 0 and name not in _EMPTY and _NAMED.match(piece):
                named, depth = name, 1
    return texts, unnamed


def _broken(text: str, marked: bool) -> str:
    typed = _ZERO_WIDTH_SPACE in text

    def spoken(run: re.Match[str]) -> str:
        return f'<span lang="km">{run[0] if typed else _RUN.sub(_split, run[0])}</span>'

    if marked:
        return _SPOKEN.sub(spoken, text)
    return text if typed else _RUN.sub(_split, text)


def _split(run: re.Match[str]) -> str:
    return WBR.join(words(run[0]))


def breakable(text: object, lang: str = "km", latin: str = "") -> str:
    """The same of a plain text such as a headline; in templates, `{{ title | breakable(head.lang) }}`."""
    return _breakable(text if isinstance(text, str) else str(text), lang, latin if lang == "km" else "")


@lru_cache(maxsize=20_000, typed=True)  # Markup is equal to the same text that is none
def _breakable(text: str, lang: str, latin: str) -> str:
    if not latin and not KHMER.search(text):
        return text
    return Markup(break_words(str(escape(text)), lang, latin))  # noqa: S704 (escaped)
