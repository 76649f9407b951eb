"""Finishing a body for one page: links and pictures that name source files become addresses and sizes."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

from newsroom.articles.schema import Picture

_LINK = re.compile(r'href="\{filename\}([^"#]*)(#[^"]*)?"')
_IMAGE = re.compile(r'<img([^>"]*(?:"[^"]*"[^>"]*)*?) ?src="\{static\}([^"]*)"([^>"]*(?:"[^"]*"[^>"]*)*)>')
_ALONE = re.compile(r"(<figure[^>]*>\s*)<p>(<img[^>]*>)</p>")


def finish(body: str, root: str, address: Callable[[str], str], picture: Callable[[str], Picture]) -> str:
    """The body with every `{filename}x.md` as `root/address("x.md")` and every `{static}x.jpg` as an image
    with its true size. `root` is the way to the output's root: `..`, or `https://…` in feeds."""

    def linked(match: re.Match[str]) -> str:
        target = f"{root}/{address(html.unescape(match[1]))}"
        return f'href="{html.escape(target)}{match[2] or ""}"'

    def shown(match: re.Match[str]) -> str:
        found = picture(html.unescape(match[2]))
        size = f'width="{found.width}" height="{found.height}"'
        attributes = f"{match[1]}{match[3]}"
        return f'<img src="{html.escape(f"{root}/{found.url}")}" {size} loading="lazy" decoding="async"{attributes}>'

    return _ALONE.sub(r"\1\2", _IMAGE.sub(shown, _LINK.sub(linked, body)))
