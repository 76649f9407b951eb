"""Figures: each picture that stands alone becomes one, and knows whose it is.

What stands below a picture in its paragraph is its caption, as what a block `/// caption` holds. A reporter writes
`Credit: …` and `Licence: …` in it, on lines of their own. The attributes `data-credit` and `data-licence` of the figure
hold them, percent-encoded past all typography, until links.py finishes the page and prints them as a hero's. All of
this works on the sanitiser's HTML, so that raw HTML is treated alike.
"""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import quote

_ATTRIBUTES = r'(?:\s+[\w:-]+(?:="[^"]*")?)*'
_INLINE = "a|span|em|strong|b|i"
_PICTURE = rf"(?:<(?:{_INLINE}){_ATTRIBUTES}>\s*)*<img{_ATTRIBUTES}>(?:\s*</(?:{_INLINE})>)*"
_PICTURES = rf"{_PICTURE}(?:(?:\s|<br>)*{_PICTURE})*"
# A block that begins with pictures, the figure that it may begin, and the caption that may follow it there.
_BLOCK = re.compile(
    rf"(<figure{_ATTRIBUTES}>\s*)?<(p|li|td|th|dd|dt|div|blockquote|aside)({_ATTRIBUTES})>\s*({_PICTURES})"
    rf"([^<]*(?:<(?!img\b|/?\2\b)[^<]*)*)</\2>(\s*<figcaption{_ATTRIBUTES}>)?"
)
_PART = re.compile(rf"<figure{_ATTRIBUTES}>|</figure>|(<figcaption{_ATTRIBUTES}>)(.*?)</figcaption>", re.DOTALL)
_NAME = r"(credit|licen[cs]e)[ \t]*[:៖][ \t]*"
WHOSE = re.compile(rf"^\s*{_NAME}", re.IGNORECASE | re.MULTILINE)  # how such a line begins
_LINE = re.compile(rf"\s*{_NAME}\S.*", re.IGNORECASE)
_TOLD = re.compile(rf"(?:\A|(?<=<p>)|<br>\n?|\n)[ \t]*{_NAME}(\S[^\n]*?)[ \t]*(?=<br>|\n|</p>|\Z)", re.IGNORECASE)
_INLINE_TAG = re.compile(rf"</?(?:{_INLINE})\b")
_LINE_END = re.compile(r"<br>|\n")
_NOTHING = re.compile(r"<p>\s*</p>\s*|\A(?:\s*<br>)+")


def told(text: str) -> bool:
    """Whether a text is nothing but lines that say whose a picture is."""
    lines = [line for line in _LINE_END.split(text) if line.strip()]
    return bool(lines) and all(map(_LINE.fullmatch, lines))


def make_figures(page: str) -> str:
    """The page with every picture that stands alone in a figure, which knows whose it is."""
    if "<img" not in page:
        return page
    return _lifted(_BLOCK.sub(_figure, page))


def _figure(block: re.Match[str]) -> str:
    figure, tag, attributes, pictures, rest, caption = block.groups(default="")
    if len(_INLINE_TAG.findall(pictures)) != 2 * pictures.count("</") or not _is_caption(rest, tag):
        return block[0]
    rest = rest.strip()
    below = f"<figcaption>{rest}</figcaption>" if rest else ""
    if figure and tag == "p" and ' class="gallery"' not in figure:
        return f"{figure}{pictures}" + (f"{caption}{rest}\n" if caption and rest else caption or below)
    if tag == "p":
        return f"{figure}<figure{attributes}>{pictures}{below}</figure>{caption}"
    return f"{figure}<{tag}{attributes}><figure>{pictures}{below}</figure></{tag}>{caption}"


def _is_caption(rest: str, tag: str) -> bool:
    """Whether what follows a picture in its block stands below it and is said of it."""
    below = not rest.strip() or bool(_LINE_END.match(rest.lstrip(" ")))
    return below and (tag == "p" or not rest.strip() or told(rest))


def _lifted(page: str) -> str:
    """The page with the lines that say whose a picture is taken out of captions, into the attributes of figures."""
    pieces: list[str] = []
    figures: list[int] = []  # where the open ones begin
    end = 0
    for part in _PART.finditer(page):
        pieces += page[end : part.start()], part[0]
        end = part.end()
        if part[1] and figures:
            caption, lines = _split(part[2])
            if lines:
                pieces[figures[-1]] = pieces[figures[-1]].removesuffix(">") + lines + ">"
                pieces[-1] = f"{part[1]}{caption.strip()}</figcaption>" if caption.strip() else ""
        elif part[0] == "</figure>":
            del figures[-1:]
        elif not part[1]:
            figures.append(len(pieces) - 1)
    return "".join([*pieces, page[end:]])


def _split(caption: str) -> tuple[str, str]:
    """What is left of a caption without the lines that say whose a picture is, and these as attributes."""
    lines: dict[str, str] = {}

    def keep(line: re.Match[str]) -> str:
        name, said = "credit" if line[1].lower() == "credit" else "licence", line[2]
        lines[name] = f"{lines[name]}, {said}" if name in lines else said
        return ""

    left = _NOTHING.sub("", _TOLD.sub(keep, caption))
    return left, "".join(f' data-{name}="{quote(unescape(said))}"' for name, said in lines.items())
