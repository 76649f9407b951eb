"""The page on which readers check that a copy of the site is as the newsroom signed it, of a site that has a key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from newsroom.fronts import addresses
from newsroom.fronts import structured_data as data
from newsroom.fronts.shared import Shared
from newsroom.fronts.views import Listed, Output, Verification


def verify_page(shared: Shared) -> Iterator[Output]:
    """The page in the language of the edition."""
    if url := shared.site.verify:
        alternates = {lang: edition.prefix + addresses.VERIFY for lang, edition in shared.editions.items()}
        parts = (shared.verifier, alternates)
        yield shared.output(url, "verify", parts, partial(_values, shared, url, alternates), Listed(alternates))


def _values(shared: Shared, url: str, alternates: Mapping[str, str]) -> Mapping[str, Any]:
    config, say = shared.views.config, shared.words.say
    newsroom = config.newsroom
    others = (config.url, *newsroom.mirrors, newsroom.onion)
    found = tuple(dict.fromkeys(each.rstrip("/") for each in others if each))
    heading = say("Check this site")
    graph = data.script([data.breadcrumbs(config, shared.edition, [heading], [url])])
    description = say("Whoever blocks a site can also copy it, and change what it says. See if all is as we signed it.")
    head = shared.front_head(url, heading, description, alternates, graph=graph)
    check = Verification(newsroom.root_key, config.url, found, shared.verifier)
    return shared.values(head, heading=heading, check=check, translations=shared.links(alternates))
