"""Headers: what a host says with each file. One definition; what a server is told (servers.py) is printed from it."""

from __future__ import annotations

import posixpath
import re
from enum import Enum

from newsroom.publish.manifest import PREVIOUS, PROOFS

SERVICE_WORKER = "sw.js"
DOWNLOADS = "downloads/"

_TEXT = "; charset=utf-8"
_TYPES = {
    ".html": "text/html" + _TEXT,
    ".css": "text/css" + _TEXT,
    ".js": "text/javascript" + _TEXT,
    ".mjs": "text/javascript" + _TEXT,
    ".txt": "text/plain" + _TEXT,
    ".minisig": "text/plain" + _TEXT,
    ".pub": "text/plain" + _TEXT,
    ".vtt": "text/vtt" + _TEXT,
    ".atom.xml": "application/atom+xml" + _TEXT,
    ".rss.xml": "application/rss+xml" + _TEXT,
    ".xml": "application/xml" + _TEXT,
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".wasm": "application/wasm",
    ".zip": "application/zip",
    ".pdf": "application/pdf",
    ".avif": "image/avif",
    ".gif": "image/gif",
    ".ico": "image/x-icon",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".svg": "image/svg+xml" + _TEXT,
    ".webp": "image/webp",
    ".woff2": "font/woff2",
    ".mp3": "audio/mpeg",
    ".mp4": "video/mp4",
}
_MEDIA = ("image/", "audio/", "video/")
# `theme/css/site.1f2e3d4c.css`, `images/0123456789abcdef.jpg`: the name changes whenever the bytes do.
_HASHED = re.compile(r"(?:.+/)?(?:[\w-]+\.[0-9a-f]{8}|images/[0-9a-f]{16})\.\w+")


class Kind(Enum):
    """The classes of files, which differ in what is said with them."""

    PAGE = "page"
    ASSET = "asset"  # a style sheet, script or font: for this site's pages alone
    MEDIA = "media"  # pictures and sound, which other sites may show
    FEED = "feed"  # feeds, sitemaps, robots.txt: for other programs
    PROOF = "proof"  # the manifests and the signature
    DOWNLOAD = "download"  # to be kept, not opened at the host
    WORKER = "service worker"


def kind(name: str) -> Kind:
    """The class of a file, by its name in the output."""
    if name == SERVICE_WORKER:
        return Kind.WORKER
    if name in (*PROOFS, PREVIOUS):
        return Kind.PROOF
    if name.endswith(".zip") or name.startswith(DOWNLOADS):
        return Kind.DOWNLOAD
    if name.endswith(".html"):
        return Kind.PAGE
    if name.endswith((".xml", ".txt")):
        return Kind.FEED
    return Kind.MEDIA if content_type(name).startswith(_MEDIA) else Kind.ASSET


def content_type(name: str) -> str:
    """The media type of a file, by its name."""
    base = posixpath.basename(name).lower()
    inner = posixpath.splitext(base)
    double = posixpath.splitext(inner[0])[1] + inner[1]
    return _TYPES.get(double) or _TYPES.get(inner[1]) or "application/octet-stream"


def cache_control(name: str) -> str:
    """How long caches may keep a file: a year where its name stands for its bytes, else they ask each time whether it
    changed. Caches that many readers share ask for a picture each hour: one may be taken off to protect somebody."""
    if kind(name) is Kind.WORKER:
        return "no-store"
    if kind(name) not in (Kind.ASSET, Kind.MEDIA) or not _HASHED.fullmatch(name):
        return "no-cache"
    shared = "s-maxage=3600, " if kind(name) is Kind.MEDIA else ""
    return f"public, max-age=31536000, {shared}immutable"
