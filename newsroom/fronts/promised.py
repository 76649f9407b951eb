"""Lists that were published and have no articles any more: their addresses lead to the next list above them.

An article that goes leaves its section, topic, author or month empty, or a list one page shorter. Whoever comes from an
old link is led on; whoever follows a feed of it goes on following, and gets nothing.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import partial

from newsroom.fronts.documentpages import redirect_page
from newsroom.fronts.feeds import FORMS, make_feed
from newsroom.fronts.shared import Shared
from newsroom.fronts.views import Feed, Output

_LIST = re.compile(
    r"((sections|topics|authors|series)/[^/]+/|\d{4}/(\d\d/)?|archive/|corrections/|search/)?(index|page-\d+)\.html"
)
_FEED = re.compile(r"feeds/(all|(sections|authors)/[^/]+)\.(?P<form>atom|rss)\.xml")


def vanished_lists(promised: Iterable[str], there: Collection[str], shared: Mapping[str, Shared]) -> Iterator[Output]:
    """A page or feed at each of the `promised` addresses that was a list's and is not `there` any more."""
    default = next(iter(shared.values()))
    by_prefix = {f"{lang}/": each for lang, each in shared.items() if each is not default}
    for address in promised:
        lang = f"{address.partition('/')[0]}/"
        own = by_prefix.get(lang, default)
        path = address.removeprefix(own.edition.prefix)
        if address in there:
            continue
        if _LIST.fullmatch(path):
            yield redirect_page(own, address, own.views.config.site_name(own.edition.lang), above(address, there))
        elif feed := _FEED.fullmatch(path):
            yield own.output(address, "", (), partial(_empty_feed, own, address, feed["form"]))


def above(address: str, there: Collection[str]) -> str:
    """The index of the nearest folder above an address that has one."""
    folder = posixpath.dirname(address)
    while folder and (index := f"{folder}/index.html") not in there:
        folder = posixpath.dirname(folder)
    return index if folder else "index.html"


def _empty_feed(shared: Shared, url: str, form: str) -> bytes:
    config, lang = shared.views.config, shared.edition.lang
    feed = Feed(config.site_name(lang), url, FORMS[form])
    return make_feed(form, feed, f"{shared.edition.prefix}index.html", (), config, lang)
