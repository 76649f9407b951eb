"""What documents ask of the pictures' room: the wiring of the two, without Pelican."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from newsroom.articles.archive import Archive
from newsroom.articles.khmer import pieces
from newsroom.articles.schema import Entry
from newsroom.build.cache import Cache
from newsroom.config import Config
from newsroom.images.plan import Order
from newsroom.images.slots import Slot
from newsroom.images.socialcard import CardMaker, CardText, has_design

Draw = Callable[[str, str, str, str], tuple[bytes, Callable[[], bytes]]]


def wanted_pictures(archive: Archive, public: Mapping[str, Entry], slots: Mapping[str, Slot]) -> dict[str, set[Order]]:
    """Every picture that documents show, with what the pages of the public ones will ask for; the front's lead story
    is not among it, which is one picture."""
    wanted: dict[str, set[Order]] = {}
    for source, entry in archive.entries.items():
        for each in entry.images:
            if each in archive.files:
                wanted.setdefault(each, set())
        if source not in public:
            continue
        hero = entry.hero
        if hero and hero.source in wanted:
            shown = ("portrait",) if entry.kind == "authors" else ("hero", "card", "social")
            wanted[hero.source] |= {slots[slot].order(hero.focus) for slot in shown}
        for each in entry.images[1:] if hero else entry.images:
            if each in wanted:
                wanted[each].add(slots["body"].order())
    return wanted


def social_cards(config: Config, cache: Cache) -> Draw | None:
    """What draws cards from headline, section, masthead and address; None where the site or its theme wants none."""
    if not config.newsroom.social_cards or not has_design(config.theme):
        return None
    maker = CardMaker(config.theme, pieces, cache.recall, cache.store)

    def planned(headline: str, section: str, masthead: str, address: str) -> tuple[bytes, Callable[[], bytes]]:
        text = CardText(headline, section, masthead, address)
        return maker.version(text), partial(maker.card, text)

    return planned
