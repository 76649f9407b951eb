"""Headers: what a host says with each file. One definition, from which servers.py prints what servers are told.

docs/decisions/022-headers.md says why each is as it is.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from urllib.parse import urlsplit

_TEXT = "; charset=utf-8"
HTML = "text/html" + _TEXT
# By the last part of a name, or its last two.
TYPES: Mapping[str, str] = {
    ".html": HTML,
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
UNKNOWN = "application/octet-stream"


class Kind(Enum):
    """The classes of files, which differ in what is said with them; each with the pattern of its names, in expressions
    that Python, nginx and Caddy understand alike. The first that fits counts."""

    WORKER = r"sw\.js"
    PROOF = r"(?:release(?:\.previous)?|keys)\.json(?:\.minisig)?"
    DOWNLOAD = r"(?:.+\.zip|(?:[\w-]+/)?months/[\d-]+\.html)"  # to be kept, not opened at the host
    VERIFY = r"(?:[\w-]+/)?verify\.html"  # asks other hosts for their files
    FEED = r".+\.(?:xml|txt)"  # feeds, sitemaps, robots.txt: for other programs
    # The name changes whenever the bytes do: `theme/css/site.1f2e3d4c.css`, `images/0123456789abcdef.jpg`.
    HASHED = r".+\.[0-9a-f]{8}\.(?:css|js|woff2)"
    PICTURE = r"images/[0-9a-f]{16}\.(?:avif|gif|jpg|png|webp)"
    ASSET = r".+\.(?:css|js|mjs|json|webmanifest|wasm|woff2)"
    MEDIA = r".+\.(?:avif|gif|ico|jpe?g|png|svg|webp|mp3|mp4|pdf|vtt)"
    PAGE = r".*"  # and addresses of folders, and of nothing


def kind(name: str) -> Kind:
    """The class of a file, by its name in the output."""
    return next(each for each in Kind if re.fullmatch(each.value, name))


def content_type(name: str) -> str:
    """The media type of a file, by its name; a folder's is that of its page."""
    base = posixpath.basename(name).lower()
    stem, last = posixpath.splitext(base)
    return TYPES.get(posixpath.splitext(stem)[1] + last) or TYPES.get(last) or (UNKNOWN if base else HTML)


def cache_control(name: str) -> str:
    """How long caches may keep a file."""
    return caching(kind(name))


def caching(of: Kind) -> str:
    """A year where the name stands for the bytes, else caches ask each time whether it changed. Those that many readers
    share ask for pictures each hour: one may have been taken off to protect somebody."""
    if of is Kind.WORKER:
        return "no-store"
    if of not in (Kind.HASHED, Kind.PICTURE):
        return "no-cache"
    return f"public, max-age=31536000, {'s-maxage=3600, ' if of is Kind.PICTURE else ''}immutable"


@dataclass(frozen=True)
class Site:
    """What headers depend on. `at_onion` is for the server that answers at the onion address."""

    url: str
    onion: str = ""
    at_onion: bool = False
    static: str = "theme"  # the theme's folder in the output

    @property
    def encrypted(self) -> bool:
        return self.url.startswith("https://") and not self.at_onion


_OWN = ("script", "style", "img", "font", "media", "connect", "manifest", "worker")
_TRUSTED = ("require-trusted-types-for 'script'", "trusted-types site")
_CLOSED = (
    "accelerometer autoplay camera display-capture encrypted-media geolocation gyroscope hid idle-detection "
    "local-fonts magnetometer microphone midi payment picture-in-picture publickey-credentials-get screen-wake-lock "
    "serial usb xr-spatial-tracking"
).split()


def policy(of: Kind, site: Site) -> str:
    """The Content-Security-Policy of a class of files: nothing but the site's own files, no inline code, no frames."""
    if of in (Kind.PAGE, Kind.VERIFY):
        # A copy of the site may be at any address, one of an onion too, which upgrading would make unreachable.
        others = " https: http:" if of is Kind.VERIFY else ""
        upgrade = ["upgrade-insecure-requests"] if site.encrypted and not others else []
        own = [f"{each}-src 'self'{others if each == 'connect' else ''}" for each in _OWN]
        rules = [*own, "base-uri 'self'", "form-action 'none'", "frame-ancestors 'none'", *upgrade, *_TRUSTED]
    elif of is Kind.DOWNLOAD:
        rules = ["style-src 'unsafe-inline'", "img-src data:", "form-action 'none'", "frame-ancestors 'none'"]
    elif of is Kind.WORKER:
        rules = ["script-src 'self'", "connect-src 'self'", "frame-ancestors 'none'"]
    else:
        rules = ["frame-ancestors 'none'"]
    return "; ".join(["default-src 'none'", *rules])


def meta_policy(of: Kind) -> str:
    """The policy that pages carry themselves, for hosts that send no headers, and for pages opened from a disk, where
    'self' may stand for nothing: `file:` does, and allows nothing to pages from elsewhere. Where a host sends headers,
    both count. Frames of the video player are left to these."""
    others = " https: http:" if of is Kind.VERIFY else ""
    own = [f"{each}-src 'self' file:{others if each == 'connect' else ''}" for each in _OWN]
    player = "frame-src https://www.youtube-nocookie.com"
    return "; ".join(["default-src 'none'", *own, player, "base-uri 'self' file:", "form-action 'none'", *_TRUSTED])


def headers(of: Kind, site: Site) -> dict[str, str]:
    """What is said with every answer of a class, whatever its status, besides the media type."""
    own = of in (Kind.PAGE, Kind.VERIFY, Kind.HASHED, Kind.ASSET, Kind.WORKER)
    said = {
        "Content-Security-Policy": policy(of, site),
        "Cache-Control": caching(of),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Permissions-Policy": ", ".join(f"{each}=()" for each in _CLOSED),
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Embedder-Policy": "require-corp",
        "Cross-Origin-Resource-Policy": "same-origin" if own else "cross-origin",
        "Access-Control-Allow-Origin": "*",
    }
    if site.encrypted:
        said["Strict-Transport-Security"] = "max-age=63072000"
    if of is Kind.DOWNLOAD:
        said["Content-Disposition"] = "attachment"
    return said


def onion_location(of: Kind, site: Site) -> str:
    """Where Tor Browser finds the same paths; "" for what is no page, and where it would not listen."""
    if not site.onion or not site.encrypted or of not in (Kind.PAGE, Kind.VERIFY):
        return ""
    parts = urlsplit(site.onion)
    return f"{parts.scheme}://{parts.netloc}"
