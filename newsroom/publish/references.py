"""What pages, feeds, sitemaps and style sheets of a release lead to, and whether it is there."""

from __future__ import annotations

import html
import posixpath
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from newsroom.errors import Problem

# An attribute within a tag; pages are our own templates' and a sanitiser's, so values stand in quotation marks.
_ATTRIBUTE = re.compile(
    r"""(?<!<base)[\s"'](href|src|srcset|poster|action|data|cite|id|content)=(?:"([^"]*)"|'([^']*)')"""
)
_REFRESH = re.compile(r"\s*\d+\s*;\s*url=(.+)", re.IGNORECASE | re.DOTALL)
_CSS = re.compile(r"""url\(\s*["']?([^"')]+)|@import\s+["']([^"']+)""")
_SIMPLE = re.compile(r"[\w.][\w./-]*(?<!/)", re.ASCII)
_LEADS_NOWHERE = "leads to no file of the release; correct it"
_ELSEWHERE = frozenset(("http", "https", "mailto", "tel", "sms"))


@dataclass(frozen=True)
class Links:
    """What some lines of a file lead to: addresses as they are written, apart those that a browser fetches without
    being asked; and the ids to which links lead."""

    written: tuple[str, ...] = ()
    loaded: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.written or self.loaded or self.ids)


@dataclass(frozen=True)
class References:
    """What a file leads to; addresses are seen from the folder."""

    links: tuple[Links, ...]
    folder: str


def folder_of(name: str, data: bytes) -> str:
    """The folder from which a file's addresses are seen: a page for what is not found is answered at any depth, and
    names the site's root as its base."""
    return "" if b"<base href=" in data else posixpath.dirname(name)


def links_of(kind: str, text: str, site: str) -> Links:
    """What some lines of a file lead to, by its ending such as `.html`; `site` is SITEURL."""
    written: dict[str, None] = {}
    loaded: dict[str, None] = {}
    ids: list[str] = []
    if kind in (".html", ".htm") and "=" in text:
        _read_attributes(text, written, loaded, ids)
    elif kind == ".css":
        loaded |= dict.fromkeys(match[1] or match[2] for match in _CSS.finditer(text))
    if site in text:
        for match in re.finditer(rf"""(?<![\w./-]){re.escape(site)}(?![\w.:-])[^\s"'<>&\\]*""", text):
            written[match[0].partition("#")[0].rstrip(".,;:)!?")] = None  # JSON-LD names things by fragments
    return Links(tuple(written), tuple(loaded), tuple(ids))


def _read_attributes(text: str, written: dict[str, None], loaded: dict[str, None], ids: list[str]) -> None:
    for match in _ATTRIBUTE.finditer(text):
        kind, value = match[1], match[2] if match[2] is not None else match[3]
        if kind == "id":
            ids.append(html.unescape(value))
        elif kind == "srcset":
            loaded |= dict.fromkeys(part.split()[0] for part in filter(None, map(str.strip, value.split(","))))
        elif kind in ("src", "poster"):
            loaded[value] = None
        elif kind != "content":
            written[value] = None
        elif refresh := _REFRESH.fullmatch(value):
            written[refresh[1]] = None


Place = tuple[str, str] | str  # file and fragment, or what is wrong


def resolve(
    held: Mapping[str, References], names: frozenset[str], site: str
) -> tuple[list[tuple[str, str, str]], set[str]]:
    """Every address that leads to nothing of the release, as (file, address, `message; remedy`), and the files to which
    others lead. `held` is what each file leads to, `names` are all files."""
    wrong: list[tuple[str, str, str]] = []
    reached: set[str] = set()
    ids = {name: {each for links in found.links for each in links.ids} for name, found in held.items()}
    notable: dict[tuple[str, int], list[tuple[str, Place]]] = {}  # what is wrong, or leads to a part of a page
    for name, found in sorted(held.items()):
        for links in found.links:
            key = found.folder, id(links)  # lines that many files have are read once
            if key not in notable:
                places = list(_places(links, found.folder, names, site))
                reached |= {place[0] for _, place in places if not isinstance(place, str)}
                notable[key] = [each for each in places if isinstance(each[1], str) or each[1][1]]
            for written, place in notable[key]:
                fault = place if isinstance(place, str) else _fragment_fault(place[1], ids.get(place[0] or name, ()))
                if fault:
                    wrong.append((name, written, fault))
    return wrong, reached


def _places(links: Links, folder: str, names: frozenset[str], site: str) -> Iterator[tuple[str, Place]]:
    for written in links.written:
        yield written, _place(written, False, folder, names, site)
    for written in links.loaded:
        yield written, _place(written, True, folder, names, site)


def _fragment_fault(fragment: str, ids: Collection[str]) -> str:
    return "" if fragment in ids else "names no part of that page; correct the link"


def _place(written: str, loaded: bool, folder: str, names: frozenset[str], site: str) -> Place:
    """The file and the fragment that an address leads to, "" for the page itself and for what is elsewhere; or what is
    wrong, as `message; remedy`."""
    if _SIMPLE.fullmatch(written):
        target = posixpath.normpath(f"{folder}/{written}" if folder else written)
        return (target, "") if target in names else _LEADS_NOWHERE
    address = html.unescape(written)
    if address.startswith("data:image/") and loaded:
        return "", ""
    try:
        parts = urlsplit(address)
    except ValueError:
        return "is no address; correct it"
    own = address == site or address.startswith((f"{site}/", f"{site}?", f"{site}#"))
    if own:
        path = unquote(urlsplit(address[len(site) :]).path).lstrip("/")
        target = f"{path}index.html" if not path or path.endswith("/") else path
        return (target, unquote(parts.fragment)) if target in names else _LEADS_NOWHERE
    if parts.scheme or parts.netloc:
        if loaded:
            return "is loaded from another site; keep the file in this one"
        known = parts.scheme in _ELSEWHERE or not parts.scheme
        return ("", "") if known else "is of a kind that is not published; take it out"
    if address.startswith("/") or "\\" in address:
        return "does not lead from page to page; write it as a relative one"
    path = unquote(parts.path)
    target = posixpath.normpath(posixpath.join(folder, path)) if path else ""
    if target and (path.endswith("/") or target not in names):
        return _LEADS_NOWHERE
    return target, unquote(parts.fragment)


def unused(names: Iterable[str], reached: set[str], folder: str) -> Iterator[Problem]:
    """Pictures below a folder, such as `images/`, to which nothing leads: nobody chose to publish them."""
    for name in sorted(names):
        if name.startswith(folder) and name not in reached:
            yield Problem(name, 1, "no page shows this picture", "rebuild the site, and take the file out")
