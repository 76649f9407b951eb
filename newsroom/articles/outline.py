"""The outline of a body: what the checks look at in the HTML that was made of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import unquote

from newsroom.articles.shortcuts import Apart

_BLOCKS = frozenset("p li h1 h2 h3 h4 h5 h6 td th dt dd figcaption blockquote summary caption div aside".split())
_STRAY = _BLOCKS - {"figcaption"} | set("figure img table ul ol dl pre hr details".split())  # in a gallery
_WHOSE = ("data-credit", "data-licence")  # as figures.py wrote them
_TEXTS = ("alt", "title", *_WHOSE)  # attributes that readers see


@dataclass
class Gallery:
    """What stands in a gallery, `depth` figures deep: its pictures, and whether there is more."""

    depth: int
    pictures: int = 0
    more: bool = False

    def hold(self, tag: str, kind: str | None) -> None:
        if tag == "figure" and not kind:
            self.pictures += 1
        elif tag in _STRAY:
            self.more = True


@dataclass
class Shown:
    """A picture as the page shows it; `loose` outside of figures."""

    src: str
    alt: str
    credit: str
    licence: str
    loose: bool
    caption: str = ""

    @classmethod
    def within(cls, figures: list[Figure], attributes: dict[str, str]) -> Shown:
        """The picture with these attributes in the innermost of these figures."""
        credit, licence = (next((said for each in figures[::-1] if (said := each.said[n])), "") for n in (0, 1))
        loose = not any(each.kind != "pull-quote" for each in figures)
        return cls(attributes.get("src", ""), attributes.get("alt", "").strip(), credit, licence, loose)


@dataclass
class Figure:
    """An open figure: its class, how many pictures come before it, credit and licence."""

    kind: str
    first: int
    said: tuple[str, str]


@dataclass
class Outline(HTMLParser):
    """What the checks look at: ids, headings, links, pictures and the text of each block, in order."""

    apart: Apart
    ids: list[str] = field(default_factory=list)
    headings: list[tuple[int, str]] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    images: list[Shown] = field(default_factory=list)
    blocks: list[str] = field(default_factory=list)
    captions: list[bool] = field(default_factory=list)  # of `/// caption`: whether there is a picture above
    galleries: list[Gallery] = field(default_factory=list)
    _text: str = ""
    _galleries: list[Gallery] = field(default_factory=list)  # the open ones
    _code: int = 0
    _note: bool = False  # whether this is the number of a footnote
    _caption: int = 0  # how many blocks came before the caption
    _figures: list[Figure] = field(default_factory=list)  # the open ones

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: unquote(value or "") if name in _WHOSE else value or "" for name, value in attrs}
        if "id" in attributes:
            self.ids.append(attributes["id"])
        if tag in _BLOCKS:
            self._flush()
        kind = attributes.get("class") if tag == "figure" else None
        if self._galleries and self._galleries[-1].depth == len(self._figures):
            self._galleries[-1].hold(tag, kind)
        if tag == "figure":
            credit, licence = (attributes.get(name, "") for name in _WHOSE)
            self._figures.append(Figure(kind or "", len(self.images), (credit, licence)))
        if kind == "gallery":
            self._galleries.append(Gallery(len(self._figures)))
        if tag == "figcaption":
            self._caption = len(self.blocks)
        self._code += tag == "code"
        self._note = attributes.get("class") == "footnote-ref"
        if tag == "a" and "href" in attributes:
            self.links.append(attributes["href"])
        if tag == "img":
            self.images.append(Shown.within(self._figures, attributes))
        self.blocks += [text for name in _TEXTS if (text := attributes.get(name, ""))]

    def handle_endtag(self, tag: str) -> None:
        if re.fullmatch("h[1-6]", tag):
            self.headings.append((int(tag[1]), self._text.strip()))
        if tag == "figcaption" and self._figures and self._figures[-1].kind not in ("pull-quote", "gallery"):
            self._flush()
            pictured = self.images[self._figures[-1].first :]
            self.captions.append(bool(pictured))
            for each in pictured:
                each.caption = " ".join(self.blocks[self._caption :]).strip()
        if tag == "figure" and self._figures:
            if self._galleries and self._galleries[-1].depth == len(self._figures):
                self.galleries.append(self._galleries.pop())
            self._figures.pop()
        self._code -= tag == "code"
        self._note = False
        if tag in _BLOCKS:
            self._flush()

    def handle_data(self, data: str) -> None:
        if data in self.apart.html:
            self.links += self.apart.links[data]
            data = self.apart.words(data) if self._figures else ""  # only a caption's words are of interest
        if not self._code and not self._note:
            self._text += data

    def _flush(self) -> None:
        if self._text.strip():
            self.blocks.append(self._text)
        self._text = ""
