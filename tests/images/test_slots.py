"""The theme's declaration of its slots."""

from __future__ import annotations

from pathlib import Path

import pytest

from newsroom.errors import BuildFailed
from newsroom.images.plan import Order
from newsroom.images.slots import FILE, NAMES, Slot, read_slots
from tests.support import ROOT

REMEDY = "see the newsroom's own theme/slots.toml"


def said(tmp_path: Path, text: str | None) -> list[str]:
    theme = tmp_path / "theme"
    theme.mkdir()
    if text is not None:
        (theme / FILE).write_text(text, encoding="utf-8")
    with pytest.raises(BuildFailed) as caught:
        read_slots(theme)
    return [str(problem) for problem in caught.value.problems]


def with_hero(hero: str) -> str:
    """Slots of which only the hero is of interest."""
    rest = "".join(f"[{name}]\nwidths = []\nfallback = 10\n" for name in NAMES if name != "hero")
    return f"[hero]\n{hero}\n{rest}"


def test_the_themes_own_slots_are_read() -> None:
    slots = read_slots(ROOT / "theme")
    assert set(slots) == set(NAMES)
    assert slots["card"].order("10% 90%") == Order((3, 2), (10, 90), slots["card"].widths, slots["card"].fallback)
    assert slots["social"].order().ratio == (1200, 630)


def test_the_focus_matters_only_where_something_is_cut() -> None:
    slot = Slot((100,), 100, "10rem")
    assert slot.order("10% 90%") == slot.order()


def test_slots_with_the_same_files_share_them() -> None:
    slots = read_slots(ROOT / "theme")
    assert slots["body"].order() == slots["gallery"].order()


def test_a_theme_without_slots_is_told_so(tmp_path: Path) -> None:
    assert said(tmp_path, None) == ["theme/slots.toml:1: the theme's file is missing; add it, or correct the setting"]


def test_a_mistake_in_the_file_names_its_line(tmp_path: Path) -> None:
    (problem,) = said(tmp_path, "[hero]\nwidths = [1,\n!")
    assert problem.startswith("theme/slots.toml:3: ")


@pytest.mark.parametrize(
    ("hero", "message"),
    [
        ("widths = [1]\nfallback = 'wide'", "Expected `int`, got `str` - at `$[...].fallback`"),
        ("widths = [1]\nfallback = 1\nsize = ''", "Object contains unknown field `size` - at `$[...]`"),
        ("widths = [2, 1]\nfallback = 1\nsizes = '1rem'", "[hero] has widths that do not rise from 1 to 4000"),
        ("widths = [0]\nfallback = 1\nsizes = '1rem'", "[hero] has widths that do not rise from 1 to 4000"),
        ("widths = [1]\nfallback = 5000\nsizes = '1rem'", "[hero] has widths that do not rise from 1 to 4000"),
        ("widths = [1]\nfallback = 1", "[hero] has several widths and no sizes"),
        ("widths = []\nfallback = 1\ncrop = '3:0'", "[hero] has the crop '3:0', which is not width:height"),
        ("widths = []\nfallback = 1\ncrop = '3/2'", "[hero] has the crop '3/2', which is not width:height"),
    ],
)
def test_a_slot_that_cannot_be_is_refused(tmp_path: Path, hero: str, message: str) -> None:
    assert said(tmp_path, with_hero(hero)) == [f"theme/slots.toml:1: {message}; {REMEDY}"]


def test_a_gallery_with_files_of_its_own_is_refused(tmp_path: Path) -> None:
    text = with_hero("widths = []\nfallback = 10").replace(
        "[gallery]\nwidths = []", "[gallery]\nwidths = [5]\nsizes = '1rem'"
    )
    message = "[gallery] has other files than [body]; only its sizes may differ"
    assert said(tmp_path, text) == [f"theme/slots.toml:1: {message}; {REMEDY}"]


def test_missing_and_unknown_slots_are_all_named(tmp_path: Path) -> None:
    problems = said(tmp_path, "[banner]\nwidths = []\nfallback = 1")
    assert f"theme/slots.toml:1: no page has a slot [banner]; {REMEDY}" in problems
    assert len(problems) == len(NAMES) + 1
