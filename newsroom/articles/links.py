"""Finishing a body for one page: links and pictures that name source files become addresses and sizes, and figures say
whose their pictures are."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import unquote

from markupsafe import escape

from newsroom.articles.khmer import breakable
from newsroom.articles.markdown import polish_text
from newsroom.articles.schema import TOLD, Picture

# Of sanitised HTML: in text, `<` is written &lt;
_TAG = re.compile(r'<(?:(a|img|figure|figcaption)((?:\s+[\w:-]+(?:="[^"]*")?)*)\s*|(/figure|/figcaption))>')
_LINK = re.compile(r' href="\{filename\}([^"#]*)(#[^"]*)?"')
_IMAGE = re.compile(r' src="\{static\}([^"]*)"')
_NO_ALT = re.compile(r' alt="\s*"')
_WHOSE = re.compile(r' data-(credit|licence)="([^"]*)"')
_MARKUP = re.compile(r"<[^>]*>")
Words = tuple[str, str, str, str]  # alt text, caption, credit and licence that a picture's own file holds, or ""
Show = Callable[[str, str], tuple[Picture, Words]]  # a picture's source and slot → how it is published, its own words


@dataclass
class _Figure:
    """An open figure: what is said of it, where its caption stands, and what its pictures say of themselves."""

    gallery: bool
    said: dict[str, str]
    caption: tuple[int, int] | None = None  # the pieces between which it stands
    own: list[Words] = field(default_factory=list)

    def told(self, name: str, around: list[_Figure]) -> list[str]:
        """A text as it was written; none, where it was written for all figures around; else as the pictures have it."""
        if name in self.said:
            return [self.said[name]]
        if any(name in each.said for each in around):
            return []
        return list(dict.fromkeys(filter(None, (each[TOLD.index(name)] for each in self.own))))


@dataclass
class _Finisher:
    """Puts the pieces of one body together; the arguments are `finish`'s."""

    lang: str
    root: str
    address: Callable[[str], str]
    show: Show
    licence: str
    several: bool
    latin: str
    pieces: list[str] = field(default_factory=list)
    figures: list[_Figure] = field(default_factory=list)

    def body(self, body: str) -> str:
        end = 0
        for tag in _TAG.finditer(body):
            self.pieces += body[end : tag.start()], self._tag(tag)
            end = tag.end()
        return "".join([*self.pieces, body[end:]])

    def _tag(self, tag: re.Match[str]) -> str:
        name = tag[1] or tag[3]
        if name == "a":
            return f"<a{_LINK.sub(self._linked, tag[2])}>"
        if name == "img":
            return self._shown(tag)
        if name == "figure":
            said = {each[1]: unquote(each[2]) for each in _WHOSE.finditer(tag[2])}
            self.figures.append(_Figure(' class="gallery"' in tag[2], said))
            return f"<figure{_WHOSE.sub('', tag[2])}>"
        if self.figures and name != "/figure":
            here = len(self.pieces) + 1  # where this tag will stand
            begins, _ = self.figures[-1].caption or (here, here)
            self.figures[-1].caption = begins, here
        elif self.figures:
            return self._closed(self.figures.pop())
        return tag[0]

    def _linked(self, match: re.Match[str]) -> str:
        target = f"{self.root}/{self.address(html.unescape(match[1]))}"
        return f' href="{html.escape(target)}{match[2] or ""}"'

    def _shown(self, tag: re.Match[str]) -> str:
        found = _IMAGE.search(tag[2])
        if found is None:
            return tag[0]
        slot = "gallery" if any(each.gallery for each in self.figures) else "body"
        picture, own = self.show(html.unescape(found[1]), slot)
        if self.figures:
            self.figures[-1].own.append(own)
        attributes = tag[2].replace(found[0], f' src="{html.escape(f"{self.root}/{picture.url}")}"')
        attributes = _NO_ALT.sub("", attributes)
        if ' alt="' not in attributes:
            attributes += f' alt="{html.escape(own[0])}"'
        attributes += f' width="{picture.width}" height="{picture.height}" loading="lazy" decoding="async"'
        if not self.several or not picture.sources:
            return f"<img{attributes}>"
        if picture.tone:
            attributes += f' data-tone="{picture.tone}"'
        sources = "".join(
            f'<source type="{media_type}" srcset="{self._srcset(picture, n)}" sizes="{html.escape(picture.sizes)}">'
            for n, (media_type, _) in enumerate(picture.sources)
        )
        return f"<picture>{sources}<img{attributes}></picture>"

    def _srcset(self, picture: Picture, n: int) -> str:
        return ", ".join(f"{html.escape(f'{self.root}/{each.url}')} {each.width}w" for each in picture.sources[n][1])

    def _closed(self, figure: _Figure) -> str:
        """The end of a figure, after what is to be said of it was put into its caption."""
        begins, ends = figure.caption or (0, 0)
        written = _MARKUP.sub("", "".join(self.pieces[begins + 1 : ends])).strip()
        told = self._whose(figure)
        if not written:
            told = (self._text(" ".join(figure.told("caption", []))) + told).lstrip()
        if figure.caption and told:
            self.pieces[ends] = f"{told}</figcaption>"
        elif told:
            return f"<figcaption>{told}</figcaption></figure>"
        return "</figure>"

    def _whose(self, figure: _Figure) -> str:
        """Credit and licence, as theme/templates/components/figure.html prints them."""
        said = [self._line(credit) for credit in figure.told("credit", self.figures)]
        for licence in figure.told("licence", self.figures):
            link = f'<a class="figure-credit" rel="license" href="{escape(licence)}">{escape(self.licence)}</a>'
            said.append(link if licence.startswith("http") else self._line(licence))
        return "".join(f"\n{each}" for each in said)

    def _line(self, text: str) -> str:
        return f'<span class="figure-credit">{self._text(text)}</span>'

    def _text(self, text: str) -> str:
        return str(escape(breakable(polish_text(text, self.lang), self.lang, self.latin)))


def finish(
    body: str,
    lang: str,
    root: str,
    address: Callable[[str], str],
    show: Show,
    licence: str = "Licence",
    several: bool = True,
    latin: str = "",
) -> str:
    """The body of a document in `lang` with every `{filename}x.md` as `root/address("x.md")` and every `{static}x.jpg`
    as a picture, with its true size; its figures say what their author left out and the pictures say themselves. `root`
    is the way to the output's root: `..`, or `https://…` in feeds, whose readers know an <img> only: `several` is
    whether pictures are offered in several files. `licence` is the word for it, `latin` as khmer.py has it."""
    return _Finisher(lang, root, address, show, licence, several, latin).body(body)
