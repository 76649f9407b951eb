"""What a built page holds, and whether what it names is there: a link checker for the output's folder."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from lxml import html

# Attributes that hold addresses; `srcset` and `meta refresh` hold theirs among other words.
_ADDRESSES = ("href", "src", "poster", "data", "action", "cite")
_LOADED = {"img", "script", "iframe", "embed", "object", "video", "audio", "source", "track", "input"}
_LOADING_LINKS = {
    "stylesheet",
    "icon",
    "preload",
    "modulepreload",
    "manifest",
    "prefetch",
    "preconnect",
    "dns-prefetch",
}


@dataclass(frozen=True)
class Page:
    """An HTML file of the output, by its name from the output's root."""

    output: Path
    name: str

    @cached_property
    def tree(self) -> Any:
        parser = html.HTMLParser(encoding="utf-8")
        return html.document_fromstring((self.output / self.name).read_bytes(), parser=parser)

    def find(self, path: str) -> Any:
        """The one element at an XPath."""
        found = self.tree.xpath(path)
        assert len(found) == 1, f"{self.name}: {len(found)} × {path}"
        return found[0]

    def text(self, path: str) -> str:
        """The text of the one element at an XPath, spaces collapsed."""
        return " ".join(self.find(path).text_content().split())

    def texts(self, path: str) -> list[str]:
        return [" ".join(each.text_content().split()) for each in self.tree.xpath(path)]

    def meta(self, name: str) -> list[str]:
        """The contents of `<meta property>` or `<meta name>`."""
        return [str(each) for each in self.tree.xpath("//meta[@property=$n or @name=$n]/@content", n=name)]

    @property
    def graph(self) -> list[dict[str, Any]]:
        """The nodes of the page's JSON-LD."""
        scripts = self.tree.xpath("//script[@type='application/ld+json']")
        return [node for script in scripts for node in json.loads(script.text)["@graph"]]

    def node(self, kind: str) -> dict[str, Any]:
        """The JSON-LD node of a type."""
        (found,) = (node for node in self.graph if node["@type"] == kind)
        return found

    @cached_property
    def ids(self) -> set[str]:
        return set(self.tree.xpath("//@id"))

    @property
    def canonical(self) -> str:
        return str(self.find("//link[@rel='canonical']").get("href"))

    @property
    def alternates(self) -> dict[str, str]:
        """hreflang → address."""
        links = self.tree.xpath("//head/link[@rel='alternate'][@hreflang]")
        return {each.get("hreflang"): each.get("href") for each in links}

    def addresses(self) -> Iterator[tuple[Any, str]]:
        """Every address that the page holds, with its element."""
        for element in self.tree.iter():
            if not isinstance(element.tag, str):
                continue
            for attribute in _ADDRESSES:
                if (value := element.get(attribute)) is not None:
                    yield element, value
            for part in (element.get("srcset") or "").split(","):
                if part.strip():
                    yield element, part.split()[0]
            if element.tag == "meta" and (element.get("http-equiv") or "").lower() == "refresh":
                yield element, element.get("content").partition("url=")[2]


def pages(output: Path) -> dict[str, Page]:
    """Every HTML page of an output."""
    names = sorted(path.relative_to(output).as_posix() for path in output.rglob("*.html"))
    return {name: Page(output, name) for name in names}


def is_loaded(element: Any) -> bool:
    """Whether a browser fetches the element's address without being asked."""
    if element.tag == "link":
        return bool(_LOADING_LINKS & set((element.get("rel") or "").split()))
    return element.tag in _LOADED


def broken(output: Path, site_url: str) -> list[str]:
    """What does not resolve in an output opened from disk, each as a sentence."""
    held = pages(output)
    names = {path.relative_to(output).as_posix() for path in output.rglob("*") if path.is_file()}
    return [
        f"{page.name}: {address!r} {fault}"
        for page in held.values()
        for element, address in page.addresses()
        if (fault := _fault(page, element, address, names, held, site_url))
    ]


def _fault(page: Page, element: Any, address: str, names: set[str], held: dict[str, Page], site_url: str) -> str | None:
    if element.tag == "base":
        return None if address == f"{urlsplit(site_url).path}/" else "is not the site's root"
    parts = urlsplit(address)
    if parts.scheme or parts.netloc:
        if is_loaded(element):
            return "is loaded from elsewhere"
        if parts.scheme not in ("http", "https", "mailto", "tel"):
            return "is an address that the site never writes"
        return _public_fault(address, names, site_url)
    if not address or address.startswith("/") or "\\" in address or parts.query:
        return "is not a relative link to a file"
    folder = "" if page.tree.xpath("//base") else posixpath.dirname(page.name)
    target = posixpath.normpath(posixpath.join(folder, unquote(parts.path))) if parts.path else page.name
    if element.get("download") is not None:
        return None  # what publish makes; tests/publish/test_downloads.py looks for it
    if parts.path.endswith("/") or target not in names:
        return "is not a file of the output"
    fragment = unquote(parts.fragment)
    if fragment and (target not in held or fragment not in held[target].ids):
        return "names no id of that page"
    return None


def _public_fault(address: str, names: set[str], site_url: str) -> str | None:
    """What is wrong with an absolute address, if it is one of the site's own."""
    if address.startswith(f"{site_url}/") and file_of(address, site_url) not in names:
        return "is no page of this site"
    return None


def file_of(address: str, site_url: str) -> str:
    """The file of the output at a public address."""
    assert address.startswith(f"{site_url}/"), address
    path = unquote(urlsplit(address.removeprefix(f"{site_url}/")).path)
    return f"{path}index.html" if not path or path.endswith("/") else path


def css_addresses(sheet: str) -> list[str]:
    """What a style sheet loads."""
    return re.findall(r"@import\s+[^;]+|url\([^)]*\)", sheet)
