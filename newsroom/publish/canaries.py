"""Canaries: words and names of unpublished documents, by which a leak is known wherever it is.

A document's texts are looked for as runs of WINDOW words, or of LETTERS letters in writing that has no spaces between
words, so many that whatever is a few words longer holds one; what is shorter, such as a headline, as a whole. Slugs,
files and the like are looked for as names. What public texts hold too is no canary: they are asked only about what was
found, for they are many.
"""

from __future__ import annotations

import html
import posixpath
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import quote, unquote

WINDOW, LETTERS = 6, 16
STEP, LETTER_STEP = 3, 8  # words between the beginnings of runs that are looked for, letters between those looked at
_FEWEST = 4  # words of a text that is looked for as a whole; fewer of them, such as "Read more", stand anywhere
_SHORTEST = 5  # letters of a name of one word
_BREAK = "|"  # stands in lists of words where a text ends: no run of words goes over it
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u19e0-\u19ff\u3040-\u30ff\u3400-\u9fff"  # Thai to Chinese
_INVISIBLE = re.compile("<wbr ?/?>|[\u00ad\u200b-\u200f\u2060\ufeff]")
_INLINE = re.compile(
    r"</?(?:a|abbr|b|bdi|cite|code|dfn|em|i|ins|kbd|mark|q|s|small|span|strong|sub|sup|time|u)\b[^<>]*>"
)
_TAG = re.compile(r"<(?:[a-zA-Z/?]|![a-zA-Z\[])[^<>]*>|<!--|-->|\]\]>")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.){3,})"')  # values of attributes, texts of JSON
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|([nrtbf/]))")
_BETWEEN = re.compile(r'"\s*[,:}\]]')  # JSON's texts end there
_WORD = re.compile(rf"[^\W_{_UNSPACED}]+|\|")
_RUN = re.compile(f"[{_UNSPACED}]+|[|]")
_LETTER = re.compile(f"[{_UNSPACED}]")
# In bytes: what names are made of, and what words in ASCII are made of, is kept in small letters; all else parts them.
_NAME = bytes(ord(chr(n).lower()) if chr(n).isalnum() or chr(n) in "_.~+%-" else 32 for n in range(128))
_NAME += bytes(range(128, 256))
_PLAIN = bytes(ord(chr(n).lower()) if n < 128 and chr(n).isalnum() else 32 for n in range(256))
_HIDING = ((b"<wbr>", b""), (b"\xe2\x80\x8b", b""), (b"\xc2\xad", b""), (b"&shy;", b""), (b"%20", b" "), (b"\\n", b" "))


@dataclass(frozen=True)
class Secret:
    """A document that is not public: its path as reporters type it; its texts, HTML or plain; what it and those are
    called of whom nothing is public: headline, authors, topics; slugs, files and digests, which have no spaces."""

    path: str
    texts: tuple[str, ...]
    called: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Words:
    """What a text says: its words in small letters, and its letters without spaces; parted by `|` where texts end."""

    words: list[str]
    letters: str

    def windows(self) -> Iterator[tuple[str, ...]]:
        """Every run of WINDOW words."""
        return zip(*(self.words[n:] for n in range(WINDOW)), strict=False)

    def runs(self) -> set[str]:
        """Every run of LETTERS letters."""
        return {self.letters[n : n + LETTERS] for n in range(len(self.letters) - LETTERS + 1)}

    def joined(self) -> str:
        return f" {' '.join(self.words)} "


def words_of(text: str) -> Words:
    """The words of HTML, a feed, JSON or plain text: once as readers see it, and once what stands in quotation marks,
    as values of attributes and of JSON do."""
    parts = [_seen(text)]
    if "&lt;" in text or "&#60;" in text or "&#x3" in text:
        parts.append(_seen(html.unescape(text)))  # HTML within a feed
    if '"' in text:
        quoted = _QUOTED.findall(text)
        parts += [_unescaped(each) for each in quoted]
        parts += [unquote(each) for each in quoted if "%20" in each]  # a headline in a link to a letter
    whole = _INVISIBLE.sub("", html.unescape(_BREAK.join(parts))).casefold()
    letters = _letters(whole) if _LETTER.search(whole) else ""
    return Words(_WORD.findall(whole), letters)


def _seen(text: str) -> str:
    if '"' in text:
        text = _BETWEEN.sub(_BREAK, text)
    text = _unescaped(text)
    return _TAG.sub(_BREAK, _INLINE.sub("", _INVISIBLE.sub("", text))) if "<" in text or "]]>" in text else text


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    return _ESCAPE.sub(lambda each: chr(int(each[1], 16)) if each[1] else " ", text)


def _letters(text: str) -> str:
    return "".join(_RUN.findall(text))


def _plain(data: bytes) -> list[bytes]:
    """The words of some bytes in ASCII; what stands in other letters parts them. Entities and tags only add words."""
    return data.translate(_PLAIN).split()


def names_of(data: bytes) -> list[bytes]:
    """What could be names in some bytes, in small letters."""
    return data.translate(_NAME).split()


@dataclass
class Canaries:
    """What is looked for, each with the documents that it belongs to."""

    windows: dict[tuple[str, ...], set[str]] = field(default_factory=lambda: defaultdict(set))
    runs: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    phrases: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))  # " some words "
    short: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))  # letters, fewer than a run has
    names: dict[bytes, set[str]] = field(default_factory=lambda: defaultdict(set))
    anchors: dict[bytes, list[frozenset[bytes]]] = field(default_factory=lambda: defaultdict(list))
    _spoken: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))  # phrases by their longest word

    def __bool__(self) -> bool:
        return bool(self.windows or self.runs or self.phrases or self.short or self.names)

    def prepare(self, sample: Iterable[bytes] = ()) -> None:
        """Make ready to look at bytes such as the sample: each canary is known by the word that is rarest there."""
        often = Counter(word for data in sample for word in set(_plain(data)))
        written = [" ".join(each).encode() for each in self.windows]
        written += [each.encode() for each in (*self.phrases, *map(bytes.decode, self.names))]
        for each in written:
            words = frozenset(_plain(each.replace(b"%20", b" ")))
            self.anchors[min(words, key=lambda word: (often[word], -len(word), word), default=b"")].append(words)
        for phrase in self.phrases:
            self._spoken[max(phrase.split(), key=len)].append(phrase)

    def may_be_in(self, data: bytes) -> bool:
        """Whether `find` may find something in a few lines of a file; quick, and never wrong where it says no."""
        for hiding, plain in _HIDING:
            if hiding in data:
                data = data.replace(hiding, plain)
        if b"\\u" in data:
            data = _unescaped(data.decode("utf-8", "replace")).encode("utf-8", "replace")
        words = set(_plain(data))
        if any(each <= words for anchor in self.anchors.keys() & words for each in self.anchors[anchor]):
            return True
        return self._may_be_letters(data) or (b"" in self.anchors and not data.isascii())

    def _may_be_letters(self, data: bytes) -> bool:
        if data.isascii() or not (self.runs or self.short):
            return False
        letters = _letters(data.decode("utf-8", "replace"))
        last = len(letters) - LETTERS + 1
        if any(letters[n : n + LETTERS] in self.runs for n in range(0, last, LETTER_STEP)):
            return True
        return any(each in letters for each in self.short)

    def find(self, data: bytes, text: str) -> Iterator[tuple[str, str]]:
        """The canaries in a text, each as it can be printed, with a path; `data` is the same in UTF-8."""
        for name in self.names.keys() & set(names_of(data)) if self.names else ():
            yield from _told(name.decode("utf-8", "replace"), self.names[name])
        if not (self.windows or self.runs or self.phrases or self.short):
            return
        held = words_of(text)
        for window in self.windows.keys() & set(held.windows()) if self.windows else ():
            yield from _told(" ".join(window), self.windows[window])
        if found := self._spoken.keys() & set(held.words):
            joined = held.joined()
            for phrase in (each for word in found for each in self._spoken[word] if each in joined):
                yield from _told(phrase.strip(), self.phrases[phrase])
        if held.letters:
            for run in self.runs.keys() & held.runs():
                yield from _told(run, self.runs[run])
            for phrase in (each for each in self.short if each in held.letters):
                yield from _told(phrase, self.short[phrase])

    def only(self, kept: set[str]) -> Canaries:
        """These canaries alone."""
        made = Canaries()
        made.windows.update({each: paths for each, paths in self.windows.items() if " ".join(each) in kept})
        made.runs.update({each: paths for each, paths in self.runs.items() if each in kept})
        made.phrases.update({each: paths for each, paths in self.phrases.items() if each.strip() in kept})
        made.short.update({each: paths for each, paths in self.short.items() if each in kept})
        made.names.update({each: paths for each, paths in self.names.items() if each.decode() in kept})
        made.prepare()
        return made

    def kept(self, public: Iterable[str], found: Iterable[str]) -> set[str]:
        """Those of the canaries `found` that no public text holds."""
        left = set(found)
        windows = {tuple(each.split(" ")) for each in left} & self.windows.keys()
        phrases = [each for each in left if f" {each} " in self.phrases]
        letters = [each for each in left if each in self.runs or each in self.short]
        for text in public:
            if not left:
                break
            held = words_of(text)
            left -= {" ".join(each) for each in windows & set(held.windows())}
            joined = held.joined() if phrases else ""
            left -= {each for each in phrases if f" {each} " in joined}
            left -= {each for each in letters if each in held.letters} if held.letters else set()
            named = [each for each in left if each.encode() in self.names]
            left -= {each for each in named if each.encode() in names_of(text.encode())} if named else set()
        return left


def _told(canary: str, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
    return ((canary, path) for path in paths)


def make_canaries(secrets: Iterable[Secret]) -> Canaries:
    """What must be looked for of these documents."""
    made = Canaries()
    for secret in secrets:
        for text in secret.texts:
            _enter(made, words_of(text), secret.path, _FEWEST, LETTERS)
        for text in secret.called:
            _enter(made, words_of(text), secret.path, 1, _SHORTEST)
        for name in secret.names:
            for each in {name.casefold(), quote(name).casefold()}:
                if len(names_of(each.encode())) == 1:
                    made.names[each.encode()].add(secret.path)
            if not re.fullmatch(r"[\w.~+%-]+", name, re.ASCII):
                _enter(made, words_of(posixpath.splitext(name)[0]), secret.path, 3, LETTERS)
    return made


def _enter(made: Canaries, held: Words, path: str, fewest: int, shortest: int) -> None:
    """Note what must be looked for of a text: as a whole, if it has at least so many words or letters."""
    for window in _stepwise(held.words):
        made.windows[window].add(path)
    for run in held.runs():
        if _BREAK not in run:
            made.runs[run].add(path)
    for part in held.joined().split(_BREAK):
        words = part.split()
        if fewest <= len(words) < WINDOW and _is_telling(words):
            made.phrases[f" {' '.join(words)} "].add(path)
    for letters in held.letters.split(_BREAK):
        if shortest <= len(letters) < LETTERS:
            made.short[letters].add(path)


def _stepwise(words: list[str]) -> Iterator[tuple[str, ...]]:
    """Every third run of WINDOW words of each text, and its last one."""
    start = 0
    for end in (*(n for n, word in enumerate(words) if word == _BREAK), len(words)):
        last = end - WINDOW
        for at in (*range(start, last, STEP), last) if last >= start else ():
            yield tuple(words[at : at + WINDOW])
        start = end + 1


def _is_telling(words: list[str]) -> bool:
    """Whether few words are more than a date or a word that is part of others."""
    if len(words) < _FEWEST and any(each.isdigit() for each in words):
        return False
    return len(words) > 1 or len(words[0]) >= _SHORTEST
