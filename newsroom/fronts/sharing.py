"""Ways to pass an article on: plain links, which ask nothing of anybody before a reader follows them."""

from __future__ import annotations

from urllib.parse import quote

from newsroom.fronts.views import Link

_PLACES = {
    "Facebook": "https://www.facebook.com/sharer/sharer.php?u=",
    "Telegram": "https://t.me/share/url?url=",
    "WhatsApp": "https://wa.me/?text=",
    "X": "https://x.com/intent/post?url=",
}


def share_links(address: str) -> tuple[Link, ...]:
    """Where readers pass things on; `address` is the article's own, absolute."""
    return tuple(Link(name, place + quote(address, safe="")) for name, place in _PLACES.items())


def mail_link(address: str, title: str) -> str:
    """A letter without an addressee that names the article."""
    return f"mailto:?subject={quote(title, safe='')}&body={quote(address, safe='')}"
