"""Finishing a body for one page: links and pictures that name source files become addresses and sizes."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

from newsroom.articles.schema import Picture

_TAG = re.compile(r'<(a|img)((?:\s+[\w:-]+(?:="[^"]*")?)*)\s*>')  # of sanitised HTML: in text, `<` is written &lt;
_LINK = re.compile(r' href="\{filename\}([^"#]*)(#[^"]*)?"')
_IMAGE = re.compile(r' src="\{static\}([^"]*)"')
_ALONE = re.compile(r"(<figure[^>]*>\s*)<p>(<img[^>]*>)</p>")


def finish(body: str, root: str, address: Callable[[str], str], picture: Callable[[str], Picture]) -> str:
    """The body with every `{filename}x.md` as `root/address("x.md")` and every `{static}x.jpg` as an image
    with its true size. `root` is the way to the output's root: `..`, or `https://…` in feeds."""

    def linked(match: re.Match[str]) -> str:
        target = f"{root}/{address(html.unescape(match[1]))}"
        return f' href="{html.escape(target)}{match[2] or ""}"'

    def shown(match: re.Match[str]) -> str:
        found = picture(html.unescape(match[1]))
        size = f'width="{found.width}" height="{found.height}"'
        return f' src="{html.escape(f"{root}/{found.url}")}" {size} loading="lazy" decoding="async"'

    def resolved(tag: re.Match[str]) -> str:
        attributes = _LINK.sub(linked, tag[2]) if tag[1] == "a" else _IMAGE.sub(shown, tag[2])
        return f"<{tag[1]}{attributes}>"

    return _ALONE.sub(r"\1\2", _TAG.sub(resolved, body))
