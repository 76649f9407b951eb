"""Sitemaps (sitemaps.org): an index, one file a year, one for the other pages, and news sitemaps; robots.txt."""

from __future__ import annotations

import xml.etree.ElementTree as etree
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
_XHTML = "http://www.w3.org/1999/xhtml"
_NEWS = "http://www.google.com/schemas/sitemap-news/0.9"
_IMAGE = "http://www.google.com/schemas/sitemap-image/1.1"
for _prefix, _name in (("", _SITEMAP), ("xhtml", _XHTML), ("news", _NEWS), ("image", _IMAGE)):
    etree.register_namespace(_prefix, _name)


@dataclass(frozen=True)
class Location:
    """A page: absolute addresses throughout; `alternates` are (language, address), its own among them."""

    address: str
    changed: datetime | None = None
    alternates: tuple[tuple[str, str], ...] = ()
    images: tuple[str, ...] = ()


@dataclass(frozen=True)
class NewsItem:
    """An article of the last 48 hours."""

    location: Location
    site_name: str
    lang: str
    published: datetime
    title: str


def sitemap(locations: Iterable[Location]) -> bytes:
    """A <urlset> with last changes, translations and pictures."""
    root = etree.Element(f"{{{_SITEMAP}}}urlset")
    for location in locations:
        _add_location(root, location)
    return _bytes(root)


def news_sitemap(items: Iterable[NewsItem]) -> bytes:
    """A <urlset> as news search engines read it."""
    root = etree.Element(f"{{{_SITEMAP}}}urlset")
    for item in items:
        url = _add_location(root, Location(item.location.address, None, (), item.location.images))
        news = etree.SubElement(url, f"{{{_NEWS}}}news")
        publication = etree.SubElement(news, f"{{{_NEWS}}}publication")
        etree.SubElement(publication, f"{{{_NEWS}}}name").text = item.site_name
        etree.SubElement(publication, f"{{{_NEWS}}}language").text = item.lang
        etree.SubElement(news, f"{{{_NEWS}}}publication_date").text = _utc(item.published)
        etree.SubElement(news, f"{{{_NEWS}}}title").text = item.title
    return _bytes(root)


def sitemap_index(parts: Iterable[tuple[str, datetime | None]]) -> bytes:
    """A <sitemapindex> of (absolute address, last change)."""
    root = etree.Element(f"{{{_SITEMAP}}}sitemapindex")
    for address, changed in parts:
        entry = etree.SubElement(root, f"{{{_SITEMAP}}}sitemap")
        etree.SubElement(entry, f"{{{_SITEMAP}}}loc").text = address
        if changed:
            etree.SubElement(entry, f"{{{_SITEMAP}}}lastmod").text = _utc(changed)
    return _bytes(root)


def robots(sitemaps: Iterable[str]) -> bytes:
    """robots.txt: everything may be read."""
    return "\n".join(["User-agent: *", "Allow: /", "", *(f"Sitemap: {each}" for each in sitemaps), ""]).encode()


def _add_location(root: etree.Element, location: Location) -> etree.Element:
    url = etree.SubElement(root, f"{{{_SITEMAP}}}url")
    etree.SubElement(url, f"{{{_SITEMAP}}}loc").text = location.address
    if location.changed:
        etree.SubElement(url, f"{{{_SITEMAP}}}lastmod").text = _utc(location.changed)
    for lang, address in location.alternates:
        etree.SubElement(url, f"{{{_XHTML}}}link", {"rel": "alternate", "hreflang": lang, "href": address})
    for image in location.images:
        etree.SubElement(etree.SubElement(url, f"{{{_IMAGE}}}image"), f"{{{_IMAGE}}}loc").text = image
    return url


def _utc(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _bytes(root: etree.Element) -> bytes:
    etree.indent(root)
    text: bytes = etree.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"
