"""The library: pictures are made once, on all cores, and published only where a page asked for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from newsroom.build.cache import Cache
from newsroom.build.workers import Workers
from newsroom.files import signature
from newsroom.images.library import Job, KnownPicture, Library, PictureMemory, Result
from newsroom.images.plan import Order
from newsroom.images.slots import Slot
from tests.images.samples import clouds, drawing, encode

SLOTS = {
    "hero": Slot((40, 80), 60, "10rem"),
    "card": Slot((30,), 30, "3rem", "1:1"),
    "body": Slot((40, 80), 60, "8rem"),
}
HERO, CARD = SLOTS["hero"].order(), SLOTS["card"].order()
Run = Callable[[Callable[[Job], Result], Iterable[Job]], Iterable[Result]]


def quiet(stage: str, done: int, total: int) -> None:
    """Nobody watches."""


class Desk:
    """A folder of pictures, with a cache and what the last library knew."""

    def __init__(self, folder: Path) -> None:
        self.content = folder / "content"
        self.content.mkdir()
        self.cache = Cache(folder / "cache.sqlite")
        self.known: dict[str, KnownPicture] = {}
        self.made: list[tuple[Order, ...]] = []

    def put(self, name: str, number: int = 1) -> None:
        size = (100 + number, 90)
        (self.content / name).write_bytes(encode(clouds(size), "JPEG"))

    def library(self, run: Run | None = None, slots: dict[str, Slot] | None = None) -> Library:
        files = {path.name: signature(path.stat()) for path in self.content.iterdir()}
        memory = PictureMemory(self.known, self.cache.recall, self.cache.store, run or self.count)
        return Library(self.content, files, slots or SLOTS, memory)

    def count(self, function: Callable[[Job], Result], jobs: Iterable[Job]) -> Iterator[Result]:
        """Do the work here, and note of what kind it was."""
        for job in jobs:
            self.made.append(job[1])
            yield function(job)

    def remember(self, library: Library) -> None:
        self.known = library.kept()


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def published(library: Library) -> dict[str, bytes]:
    return {url: make() for url, _, make in library.published()}


def test_only_what_pages_asked_for_is_published(desk: Desk) -> None:
    desk.put("a.jpg")
    desk.put("b.jpg", 2)
    library = desk.library()
    library.prepare({"a.jpg": [HERO, CARD], "b.jpg": [HERO]}, quiet)
    assert published(library) == {}
    picture = library.picture("a.jpg", "hero")
    names = {picture.url, *(file.url for _, files in picture.sources for file in files)}
    assert set(published(library)) == names
    assert picture.sources[-1][0] == "image/webp"
    assert [(file.width, file.height) for file in picture.sources[-1][1]] == [(40, 36), (80, 71)]


def test_each_picture_is_decoded_once_for_all_its_slots(desk: Desk) -> None:
    desk.put("a.jpg")
    library = desk.library()
    library.prepare({"a.jpg": [HERO, CARD]}, quiet)
    library.picture("a.jpg", "hero")
    library.picture("a.jpg", "card")
    library.picture("a.jpg", "body")
    assert desk.made == [(HERO, CARD)]


def test_what_is_known_is_not_even_read(desk: Desk) -> None:
    desk.put("a.jpg")
    first = desk.library()
    first.prepare({"a.jpg": [HERO, CARD]}, quiet)
    desk.remember(first)
    second = desk.library()
    (desk.content / "a.jpg").unlink()
    second.prepare({"a.jpg": [HERO, CARD]}, quiet)
    assert second.picture("a.jpg", "hero") == first.picture("a.jpg", "hero")
    assert published(second) == published(first)
    assert len(desk.made) == 1


def test_a_file_that_was_only_touched_is_read_and_not_made_again(desk: Desk) -> None:
    desk.put("a.jpg")
    first = desk.library()
    first.prepare({"a.jpg": [HERO]}, quiet)
    desk.remember(first)
    desk.put("a.jpg")
    second = desk.library()
    second.prepare({"a.jpg": [HERO]}, quiet)
    assert second.picture("a.jpg", "hero") == first.picture("a.jpg", "hero")
    assert len(desk.made) == 1


def test_another_picture_under_the_same_name_is_made(desk: Desk) -> None:
    desk.put("a.jpg")
    first = desk.library()
    first.prepare({"a.jpg": [HERO]}, quiet)
    desk.remember(first)
    desk.put("a.jpg", 2)
    second = desk.library()
    assert second.picture("a.jpg", "hero") != first.picture("a.jpg", "hero")
    assert second.version("a.jpg") != first.version("a.jpg")


def test_another_focus_makes_no_more_than_the_cuts(desk: Desk) -> None:
    desk.put("a.jpg")
    library = desk.library()
    library.prepare({"a.jpg": [HERO, CARD]}, quiet)
    for slot in ("hero", "card"):
        library.picture("a.jpg", slot, "0% 10%")
    assert desk.made == [(HERO, CARD), (SLOTS["card"].order("0% 10%"),)]


def test_other_widths_in_the_theme_are_made_and_the_old_ones_forgotten(desk: Desk) -> None:
    desk.put("a.jpg")
    first = desk.library()
    first.prepare({"a.jpg": [HERO, CARD]}, quiet)
    desk.remember(first)
    slots = {**SLOTS, "hero": Slot((20,), 20, "1rem"), "body": Slot((20,), 20, "1rem")}
    second = desk.library(slots=slots)
    second.prepare({"a.jpg": [slots["hero"].order(), CARD]}, quiet)
    assert desk.made == [(HERO, CARD), (slots["hero"].order(),)]
    assert {order for order, _ in second.kept()["a.jpg"].made} == {CARD, slots["hero"].order()}


def test_what_is_made_for_a_slot_never_depends_on_the_other_slots(desk: Desk) -> None:
    """A large JPEG is decoded at a part of its size: at which, each slot decides for itself."""
    (desk.content / "a.jpg").write_bytes(encode(clouds((2400, 1600)), "JPEG"))
    slots = {
        "hero": Slot((400, 1600), 1200, "1rem"),
        "card": Slot((200,), 100, "1rem", "3:2"),
        "body": Slot((30,), 30, ""),
    }
    orders = [slot.order() for slot in slots.values()]
    together, apart, backwards = (desk.library(slots=slots) for _ in range(3))
    together.memory = apart.memory = backwards.memory = PictureMemory({}, lambda version: None, lambda rows: None, map)
    together.prepare({"a.jpg": orders}, quiet)
    backwards.prepare({"a.jpg": orders[::-1]}, quiet)
    for name in reversed(slots):
        pictures = {library.picture("a.jpg", name) for library in (together, apart, backwards)}
        assert len(pictures) == 1
    assert together.known["a.jpg"].seen == apart.known["a.jpg"].seen == backwards.known["a.jpg"].seen


def test_a_focus_of_former_times_is_forgotten(desk: Desk) -> None:
    desk.put("a.jpg")
    for left in range(0, 100, 20):
        library = desk.library()
        library.prepare({"a.jpg": [SLOTS["card"].order(f"{left}% 50%")]}, quiet)
        desk.remember(library)
    assert len(desk.known["a.jpg"].made) == 1
    assert len(list(library.used())) == 2 + len(desk.known["a.jpg"].made[0][1])


def test_a_run_that_was_broken_off_goes_on_where_it_was(desk: Desk) -> None:
    for number in range(6):
        desk.put(f"{number}.jpg", number)
    wanted = {f"{number}.jpg": [HERO] for number in range(6)}

    def breaks_off(function: Callable[[Job], Result], jobs: Iterable[Job]) -> Iterator[Result]:
        for n, job in enumerate(jobs):
            if n == 4:
                raise KeyboardInterrupt
            yield function(job)

    with pytest.raises(KeyboardInterrupt):
        desk.library(breaks_off).prepare(wanted, quiet)
    library = desk.library()
    library.prepare(wanted, quiet)
    assert len(desk.made) == 2


def test_any_number_of_workers_makes_the_same_bytes(desk: Desk) -> None:
    for number in range(5):
        desk.put(f"{number}.jpg", number)
    made = []
    for count in (1, 2):
        desk.cache = Cache(desk.content.parent / f"{count}.sqlite")
        library = desk.library(Workers(count).run)
        library.prepare({f"{number}.jpg": [HERO, CARD] for number in range(5)}, quiet)
        for number in range(5):
            library.picture(f"{number}.jpg", "card")
        made.append(published(library))
    assert made[0] == made[1]


def test_a_lost_cache_costs_time_only(desk: Desk) -> None:
    desk.put("a.jpg")
    library = desk.library()
    library.picture("a.jpg", "hero")
    before = published(library)
    library.memory = PictureMemory({}, lambda version: None, lambda rows: None, map)
    assert published(library) == before
    desk.put("a.jpg", 7)
    with pytest.raises(ValueError, match="was changed while the site was built"):
        published(library)


def test_a_damaged_row_is_made_again(desk: Desk) -> None:
    desk.put("a.jpg")
    first = desk.library()
    picture = first.picture("a.jpg", "hero")
    rows = {version: desk.cache.recall(version) for version in first.used()}
    for version in rows:
        desk.cache.store([(version, b"no row")])
    second = desk.library()
    assert second.picture("a.jpg", "hero") == picture
    assert published(second) == published(first)


def test_every_row_of_a_picture_is_in_use(desk: Desk) -> None:
    desk.put("a.jpg")
    stored: list[bytes] = []

    def store(rows: Iterable[tuple[bytes, bytes]]) -> None:
        stored.extend(version for version, _ in rows)

    memory = PictureMemory({}, lambda version: None, store, map)
    library = Library(desk.content, {}, SLOTS, memory)
    library.prepare({"a.jpg": [HERO, CARD]}, quiet)
    assert sorted(stored) == sorted(library.used())


def test_progress_counts_what_is_made(desk: Desk) -> None:
    for number in range(3):
        desk.put(f"{number}.jpg", number)
    (desk.content / "broken.jpg").write_bytes(b"no picture")
    told: list[tuple[str, int, int]] = []
    library = desk.library()
    wanted = {path.name: [HERO] for path in sorted(desk.content.iterdir())}
    library.prepare(wanted, lambda *each: told.append(each))
    assert told == [("Pictures", n, 4) for n in (1, 2, 3, 4)]
    assert library.fault("broken.jpg") is not None
    assert library.fault("0.jpg") is None


def test_a_picture_for_which_nothing_is_made_is_looked_at_all_the_same(desk: Desk) -> None:
    (desk.content / "draft.png").write_bytes(encode(drawing(), "PNG")[:-30])
    library = desk.library()
    library.prepare({"draft.png": []}, quiet)
    assert (library.fault("draft.png") or "").startswith("cannot be decoded")


def test_pictures_are_looked_at_before_any_is_made(desk: Desk) -> None:
    desk.put("a.jpg")
    (desk.content / "broken.jpg").write_bytes(b"no picture")
    told: list[tuple[str, int, int]] = []
    library = desk.library()
    library.look(["a.jpg", "broken.jpg"], lambda *each: told.append(each))
    assert told == [("Looking", 1, 2), ("Looking", 2, 2)]
    assert library.fault("broken.jpg") is not None
    assert not library.known["a.jpg"].made
    library.prepare({"a.jpg": [HERO], "broken.jpg": [HERO]}, lambda *each: told.append(each))
    assert told[2:] == [("Pictures", 1, 1)]
    alone = desk.library()
    assert library.picture("a.jpg", "hero") == alone.picture("a.jpg", "hero")
