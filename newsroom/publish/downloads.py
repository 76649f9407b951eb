"""What readers can keep for when the site is blocked: all of it as one zip, and each month as one file.

Made of the files of a release, at the addresses that newsroom/fronts/blocked.py links to. The same files make the same
bytes, so that a host which has them gets only those that changed.
"""

from __future__ import annotations

import base64
import posixpath
import re
import zipfile
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import BinaryIO
from urllib.parse import unquote, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from newsroom.publish.targets.archive import entry

WHOLE = "site.zip"
_KEPT = re.compile(rb'href="(?:\.\.?/)+(site\.zip|(?:[\w-]+/)?months/\d{4}-\d\d\.html)" download')
_ARTICLE = b'<meta property="og:type" content="article">'
_VOID = frozenset("area br col embed hr img input link meta source track wbr".split())
_LEFT_OUT = frozenset("script style template button form iframe object embed audio video link".split())
_ONLY_ONLINE = frozenset(("share", "cite", "languages", "topics"))  # classes of what leads on, or serves the live page
_LOADING = frozenset("srcset sizes loading decoding fetchpriority data-tone".split())
_REFERENCES = frozenset("id for headers aria-labelledby aria-describedby aria-controls".split())
_MEDIA = {"avif": "avif", "gif": "gif", "jpg": "jpeg", "jpeg": "jpeg", "png": "png", "webp": "webp"}
_WIDE = 640  # pixels: enough for a phone, and for reading
Read = Callable[[str], bytes]


def write_zip(file: BinaryIO, read: Read, names: Collection[str], site: str) -> None:
    """Write the site as a zip of one folder, which opens from a disk at its index.html. What is not in it, such as
    itself, its pages look for at `site`."""
    folder = urlsplit(site).hostname or "site"
    with zipfile.ZipFile(file, "w") as archive:
        for name in sorted(names):
            data = read(name)
            if posixpath.basename(name) == "blocked.html":
                data = _KEPT.sub(rb'href="' + site.encode() + rb'/\1"', data)
            archive.writestr(entry(f"{folder}/{name}", 0), data)


def months(read: Read, names: Collection[str], site: str) -> Iterator[tuple[str, bytes]]:
    """Each month of each language as one HTML file, by its name: style sheet and pictures inside, nothing asked of any
    host, links to other pages by their addresses at `site`."""
    default = _Page("index.html", read("index.html")).lang if "index.html" in names else ""
    found: dict[tuple[str, str], list[_Page]] = defaultdict(list)
    for name in sorted(names):
        if name.endswith(".html") and _ARTICLE in (data := read(name)):
            page = _Page(name, data)
            prefix = "" if page.lang == default else f"{page.lang}/"
            found[prefix, page.published[:7]].append(page)
    for (prefix, month), pages in sorted(found.items()):
        pages.sort(key=lambda each: (each.published, each.name))
        yield f"{prefix}months/{month}.html", _Month(prefix, month, pages, read, names, site).html().encode()


@dataclass(frozen=True)
class _Page:
    """A page of the site. The tree of a page is let go as soon as it was used: an archive has thousands."""

    name: str
    data: bytes

    @property
    def tree(self) -> LexborHTMLParser:
        return LexborHTMLParser(self.data.decode())

    @cached_property
    def lang(self) -> str:
        return self._first(r'<html lang="([^"]*)"')

    @cached_property
    def published(self) -> str:
        return self._first(r'<meta property="article:published_time" content="([^"]*)"')

    @property
    def anchor(self) -> str:
        """How the article is called in the file of its month."""
        return self.name.removesuffix(".html").replace("/", "-")

    def _first(self, pattern: str) -> str:
        found = re.search(pattern.encode(), self.data)
        return found[1].decode() if found else ""


@dataclass(frozen=True)
class _Month:
    """The file of a month."""

    prefix: str
    month: str  # 2021-07
    pages: list[_Page]
    read: Read
    names: Collection[str]
    site: str

    def html(self) -> str:
        address = f"{self.prefix}{self.month.replace('-', '/')}/"
        heading, title = self.month, self.month
        if (listing := f"{address}index.html") in self.names:
            tree = LexborHTMLParser(self.read(listing).decode())
            heading, title = _text(tree, "h1") or heading, _text(tree, "title") or title
        written = [(page, *_Writer(self, page).article()) for page in self.pages]
        contents = "".join(
            f'<li><a href="#{escape(page.anchor)}">{escape(headline, quote=False)}</a></li>\n'
            for page, headline, _ in written
        )
        return _FRAME.format(
            lang=escape(self.pages[0].lang),
            title=escape(title),
            heading=escape(heading, quote=False),
            policy=_POLICY,
            style=self._style(),
            address=escape(f"{self.site}/{address}"),
            contents=contents,
            articles="".join(
                f'<div class="kept" id="{escape(page.anchor)}">\n{text}\n</div>\n' for page, _, text in written
            ),
        )

    @cached_property
    def anchors(self) -> Mapping[str, str]:
        """The articles in this file: page → its anchor."""
        return {page.name: page.anchor for page in self.pages}

    def _style(self) -> str:
        link = self.pages[0].tree.css_first('link[rel="stylesheet"]')
        return self.read(_join(self.pages[0].name, link.attributes["href"] or "")).decode() if link else ""

    def reference(self, page: _Page, href: str) -> str:
        """Where a link of a page leads from here: into this file, or to the page's address."""
        parts = urlsplit(href)
        if parts.scheme or parts.netloc:
            return href
        name = _join(page.name, unquote(parts.path)) if parts.path else page.name
        if anchor := self.anchors.get(name):
            return f"#{anchor}.{parts.fragment}" if parts.fragment else f"#{anchor}"
        path = name.removesuffix("index.html") if posixpath.basename(name) == "index.html" else name
        return f"{self.site}/{path}" + (f"#{parts.fragment}" if parts.fragment else "")

    def inlined(self, page: _Page, picture: LexborNode) -> str:
        """A picture as an address that holds it: wide enough, in a form that old browsers know, and no larger."""
        name = _join(page.name, _suitable(picture))
        form = _MEDIA[name.rpartition(".")[2].lower()]
        return f"data:image/{form};base64,{base64.b64encode(self.read(name)).decode()}"


@dataclass(frozen=True)
class _Writer:
    """Writes an article of the site as a part of its month's file."""

    month: _Month
    page: _Page

    def article(self) -> tuple[str, str]:
        """The headline, and the article."""
        node = self.page.tree.css_first("main article")
        return (_text(node, "h1"), self.write(node)) if node else ("", "")

    def write(self, node: LexborNode) -> str:
        """A node with all that it holds, as HTML."""
        tag = node.tag or ""
        if tag == "-text":
            return escape(node.text_content or "", quote=False)
        attributes = node.attributes
        if tag.startswith("-") or tag in _LEFT_OUT or "hidden" in attributes:
            return ""
        if _ONLY_ONLINE & set((attributes.get("class") or "").split()):
            return ""
        if tag == "picture":
            return "".join(self._image(each, node) for each in node.css("img")[:1])
        if tag == "img":
            return self._image(node, node)
        tag = _lower(tag)
        inner = "" if tag in _VOID else f"{''.join(self._inner(node))}</{tag}>"
        return f"<{tag}{''.join(self._attributes(node))}>{inner}"

    def _inner(self, node: LexborNode) -> Iterator[str]:
        if node.tag == "pre":
            yield "\n"  # which parsers leave out, and not a line of the text's own
        for child in node.iter(include_text=True):
            yield self.write(child)

    def _image(self, image: LexborNode, held_by: LexborNode) -> str:
        source = self.month.inlined(self.page, held_by)
        return f'<img src="{source}"{"".join(self._attributes(image))}>'

    def _attributes(self, node: LexborNode) -> Iterator[str]:
        for name, value in node.attributes.items():
            if name in _LOADING or name == "src":
                continue
            if value is None:
                yield f" {name}"
                continue
            if name in _REFERENCES:
                value = " ".join(f"{self.page.anchor}.{each}" for each in value.split())
            elif name == "href":
                value = self.month.reference(self.page, value)
            yield f' {name}="{escape(value)}"'


def _suitable(picture: LexborNode) -> str:
    """The address of the rendition to keep: of the WebP files the narrowest that is wide enough; else the plain one."""
    offered = []
    for source in picture.css('source[type="image/webp"]'):
        for each in (source.attributes.get("srcset") or "").split(","):
            address, _, width = each.strip().partition(" ")
            offered.append((int(width.removesuffix("w") or 0), address))
    wide = [each for each in sorted(offered) if each[0] >= _WIDE]
    if offered:
        return (wide or sorted(offered)[-1:])[0][1]
    image = picture if picture.tag == "img" else picture.css_first("img")
    return (image.attributes.get("src") or "") if image else ""


def _lower(tag: str) -> str:
    """Headings stand one step lower than on their own page: the month's comes first."""
    return f"h{min(int(tag[1]) + 1, 6)}" if re.fullmatch("h[1-6]", tag) else tag


def _text(node: LexborHTMLParser | LexborNode, selector: str) -> str:
    found = node.css_first(selector)
    return " ".join(found.text().split()) if found else ""


def _join(page: str, address: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(page), address))


_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'"
_FRAME = """\
<!doctype html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta http-equiv="content-security-policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<meta name="robots" content="noindex">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<style>{style}
.kept {{
  padding-block-start: var(--space-5);
  border-block-start: var(--rule-heavy) double var(--rule-strong);
}}
</style>
</head>
<body>
<main class="main">
<header class="opening">
<h1 class="opening-heading">{heading}</h1>
<p class="opening-standfirst"><a href="{address}">{address}</a></p>
</header>
<nav class="prose" aria-label="{heading}">
<ol>
{contents}</ol>
</nav>
{articles}</main>
</body>
</html>
"""
