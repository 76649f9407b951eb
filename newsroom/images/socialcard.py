"""The card that other sites show of a link to an article without a picture: its headline, set in the theme's font.

Drawn by resvg, which needs nothing of the system: the same bytes on every machine, Khmer shaped as it must be.
"""

from __future__ import annotations

import hashlib
import inspect
import io
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from string import Template
from xml.sax.saxutils import escape

import resvg_py
from PIL import Image, ImageFont

from newsroom.files import digest, version_of

SIZE = (1200, 630)
_DIGEST = hashlib.sha256().digest_size  # bytes before a card in the cache
DESIGN, FONT = "social-card.svg", "fonts/headline.ttf"
_LEFT, _TOP, _WIDTH, _HEIGHT = 72, 190, 1056, 340
_SIZES = (76, 68, 60, 54, 48, 43)  # pixels, of a headline
_LEADING, _KHMER_LEADING = 1.2, 1.62
_KHMER = re.compile("[\u1780-\u17ff]")
# How wide Khmer is once it is shaped, in letters that are as wide alone: the consonant below another takes no room but
# for ro, which stands at its left, and vowels of several parts take that of their parts.
_BELOW = re.compile("\u17d2(?:(\u179a)|.)")
_PARTS = str.maketrans({"\u17be": "\u17c1", **dict.fromkeys("\u17bf\u17c0\u17c4\u17c5", "\u17c1\u17b6")})
_SPARE = 1.08  # lines are taken to be a little wider than they are measured
_MEASURED = 100  # pixels
_MOST_LETTERS = 200  # that a line could ever hold
_LONGEST = 300  # letters of a headline, of which a card never shows as many
_LEAST = 16  # pixels, of any other text
_COLOURS = 48  # enough for the edges of letters


@dataclass(frozen=True)
class CardText:
    """What a card says."""

    headline: str
    section: str
    masthead: str
    address: str


@dataclass(frozen=True)
class CardMaker:
    """Draws the cards of one build as the theme wants them, each once. `split` answers the pieces of a text between
    which its lines may end; `recall` and `store` are the cache's."""

    theme: Path
    split: Callable[[str], list[str]]
    recall: Callable[[bytes], bytes | None]
    store: Callable[[Iterable[tuple[bytes, bytes]]], None]

    def version(self, text: CardText) -> bytes:
        """Changes with whatever the card shows."""
        return version_of(self._salt, "card", repr(text).encode())

    def card(self, text: CardText) -> bytes:
        """The card as a PNG."""
        version = self.version(text)
        row = self.recall(version) or b""
        if row[:_DIGEST] == hashlib.sha256(row[_DIGEST:]).digest():
            return row[_DIGEST:]
        headline = text.headline if len(text.headline) <= _LONGEST else f"{text.headline[:_LONGEST]}…"
        made = draw(text, self.split(headline), self.theme)
        self.store([(version, hashlib.sha256(made).digest() + made)])
        return made

    @cached_property
    def _salt(self) -> bytes:
        code = (Path(__file__), Path(inspect.getfile(self.split)))
        files = [digest(each.read_bytes()) for each in (*code, *(self.theme / name for name in (DESIGN, FONT)))]
        return "\n".join((resvg_py.__version__, *files)).encode()


def has_design(theme: Path) -> bool:
    """Whether the theme says how its cards look."""
    return all((theme / name).is_file() for name in (DESIGN, FONT))


def design_faults(theme: Path) -> Iterator[tuple[str, str]]:
    """What keeps a card from being drawn: the theme's file, and why."""
    if not has_design(theme):
        return
    try:
        font_of(theme)
    except OSError as error:
        yield FONT, f"is no font ({error})"
        return
    try:
        draw(CardText("A", "A", "A", "A"), ["A"], theme)
    except ValueError as error:
        yield DESIGN, f"is no SVG that can be drawn ({error})"


def font_of(theme: Path) -> ImageFont.FreeTypeFont:
    """The theme's font."""
    data = io.BytesIO((theme / FONT).read_bytes())
    return ImageFont.truetype(data, _MEASURED, layout_engine=ImageFont.Layout.BASIC)


def draw(text: CardText, pieces: list[str], theme: Path) -> bytes:
    """A card as a PNG of few colours; `pieces` are its headline's. Raises ValueError where the design is no SVG."""
    font = font_of(theme)
    svg = compose(text, pieces, (theme / DESIGN).read_text("utf-8"), font)
    files, family = [str(theme / FONT)], font.getname()[0]
    png = resvg_py.svg_to_bytes(svg_string=svg, font_files=files, font_family=family, skip_system_fonts=True)
    out = io.BytesIO()
    with Image.open(io.BytesIO(bytes(png))) as picture:
        few = picture.convert("RGB").quantize(_COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    few.save(out, "PNG")
    return out.getvalue()


def compose(text: CardText, pieces: list[str], design: str, font: ImageFont.FreeTypeFont) -> str:
    """The design with its texts, the headline as large as it fits."""

    def line(words: str, name: str, size: int, y: float) -> str:
        style = f'x="{_LEFT}" y="{y:.1f}" font-size="{size}" font-weight="700" xml:space="preserve"'
        return f'<text class="{name}" {style}>{escape(words.strip())}</text>'

    def one(words: str, name: str, size: int, y: float) -> str:
        while size > _LEAST and width(words, font) * size > _WIDTH:
            size -= 2
        return line(words, name, size, y)

    size, lines = _set(pieces, font)
    leading = _leading(size, lines)
    top = _TOP + size + (_HEIGHT - leading * len(lines)) / 3
    return Template(design).safe_substitute(
        masthead=one(text.masthead, "masthead", 38, 100),
        section=one(text.section, "section", 30, 192),
        headline="".join(line(words, "headline", size, top + n * leading) for n, words in enumerate(lines)),
        address=one(text.address, "address", 26, 600),
    )


def _set(pieces: list[str], font: ImageFont.FreeTypeFont) -> tuple[int, list[str]]:
    """The largest size at which a headline fits, and its lines; at the smallest, no more of it than fits."""
    for size in _SIZES:
        lines = wrap(pieces, _WIDTH / size, lambda words: width(words, font))
        if len(lines) * _leading(size, lines) <= _HEIGHT:
            return size, lines
    most = int(_HEIGHT // _leading(size, lines))
    return size, [*lines[: most - 1], f"{lines[most - 1].rstrip()}…"]


def _leading(size: int, lines: list[str]) -> float:
    return size * (_KHMER_LEADING if any(map(_KHMER.search, lines)) else _LEADING)


def wrap(pieces: Iterable[str], most: float, measure: Callable[[str], float]) -> list[str]:
    """Lines of at most this width; a piece that is wider itself is broken where it must be."""
    lines = [""]
    for piece in pieces:
        if measure((lines[-1] + piece).rstrip()) <= most:
            lines[-1] += piece
            continue
        if lines[-1]:
            lines.append("")
        while measure(piece.rstrip()) > most:
            part = max(1, bisect_right([measure(piece[: n + 1]) for n in range(min(len(piece), _MOST_LETTERS))], most))
            lines[-1:] = [piece[:part], ""]
            piece = piece[part:]
        lines[-1] = piece
    return [line for line in lines if line.strip()] or [""]


def width(words: str, font: ImageFont.FreeTypeFont) -> float:
    """How wide a line is in letters of one pixel: nearly, and not less than it is."""
    plain = _BELOW.sub(lambda found: "\u17c1" if found[1] else "", words).translate(_PARTS)
    return font.getlength(plain) / _MEASURED * _SPARE
