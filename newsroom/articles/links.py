"""Finishing a body for one page: links and pictures that name source files become addresses and sizes."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

from newsroom.articles.schema import Picture

_TAG = re.compile(r'<(a|img)((?:\s+[\w:-]+(?:="[^"]*")?)*)\s*>')  # of sanitised HTML: in text, `<` is written &lt;
_LINK = re.compile(r' href="\{filename\}([^"#]*)(#[^"]*)?"')
_IMAGE = re.compile(r' src="\{static\}([^"]*)"')
_NO_ALT = re.compile(r' alt="\s*"')
_ALONE = re.compile(r"(<figure[^>]*>\s*)<p>((?:<picture>(?:<source[^>]*>)*)?<img[^>]*>(?:</picture>)?)</p>")
_GALLERY = re.compile(r'<figure\b[^>]*\bclass="gallery"[^>]*>')
_FIGURE = re.compile(r"<(/?)figure\b")
Show = Callable[[str, str], tuple[Picture, str]]  # a picture's source and slot → how it is published, its own alt text


def finish(body: str, root: str, address: Callable[[str], str], show: Show, several: bool = True) -> str:
    """The body with every `{filename}x.md` as `root/address("x.md")` and every `{static}x.jpg` as a picture, with its
    true size. `root` is the way to the output's root: `..`, or `https://…` in feeds, whose readers know an <img> only:
    `several` is whether pictures are offered in several files."""
    galleries = _galleries(body)

    def linked(match: re.Match[str]) -> str:
        target = f"{root}/{address(html.unescape(match[1]))}"
        return f' href="{html.escape(target)}{match[2] or ""}"'

    def shown(tag: re.Match[str]) -> str:
        found = _IMAGE.search(tag[2])
        if found is None:
            return tag[0]
        slot = "gallery" if any(start < tag.start() < end for start, end in galleries) else "body"
        picture, alt = show(html.unescape(found[1]), slot)
        attributes = tag[2].replace(found[0], f' src="{html.escape(f"{root}/{picture.url}")}"')
        attributes = _NO_ALT.sub("", attributes)
        if ' alt="' not in attributes:
            attributes += f' alt="{html.escape(alt)}"'
        attributes += f' width="{picture.width}" height="{picture.height}" loading="lazy" decoding="async"'
        if not several or not picture.sources:
            return f"<img{attributes}>"
        if picture.tone:
            attributes += f' data-tone="{picture.tone}"'
        sources = "".join(
            f'<source type="{media_type}" srcset="{_srcset(root, picture, n)}" sizes="{html.escape(picture.sizes)}">'
            for n, (media_type, _) in enumerate(picture.sources)
        )
        return f"<picture>{sources}<img{attributes}></picture>"

    def resolved(tag: re.Match[str]) -> str:
        return f"<a{_LINK.sub(linked, tag[2])}>" if tag[1] == "a" else shown(tag)

    return _ALONE.sub(r"\1\2", _TAG.sub(resolved, body))


def _srcset(root: str, picture: Picture, n: int) -> str:
    return ", ".join(f"{html.escape(f'{root}/{each.url}')} {each.width}w" for each in picture.sources[n][1])


def _galleries(body: str) -> list[tuple[int, int]]:
    """Where galleries begin and end: each holds figures, which hold none."""
    found = []
    for gallery in _GALLERY.finditer(body):
        depth, end = 1, gallery.end()
        while depth and (tag := _FIGURE.search(body, end)):
            depth += -1 if tag[1] else 1
            end = tag.end()
        found.append((gallery.start(), end))
    return found
