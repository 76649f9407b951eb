"""The slots of a theme: where it shows pictures, and how wide. `slots.toml` in the theme declares them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from newsroom.errors import BuildFailed, Problem
from newsroom.images.plan import Order

NAMES = ("hero", "lead", "card", "body", "gallery", "portrait", "social")
FILE = "slots.toml"
_WIDEST = 4000  # pixels
_REMEDY = "see the newsroom's own theme/slots.toml"


class Slot(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where pictures stand: `widths` and `fallback` of the files in pixels, `sizes` as CSS, `crop` as `3:2` or ""."""

    widths: tuple[int, ...]
    fallback: int
    sizes: str = ""
    crop: str = ""

    def order(self, focus: str = "") -> Order:
        """What is to be made of a picture for this slot; `focus` is `LEFT% TOP%`, or "" for the middle."""
        if not self.crop:
            return Order((0, 0), (50, 50), self.widths, self.fallback)
        wide, high = self.crop.split(":")
        left, top = (focus or "50% 50%").replace("%", "").split()
        return Order((int(wide), int(high)), (int(left), int(top)), self.widths, self.fallback)


def read_slots(theme: Path) -> dict[str, Slot]:
    """The theme's slots by name. Raises BuildFailed with every mistake of the file."""
    path = f"{theme.name}/{FILE}"
    try:
        slots = msgspec.toml.decode((theme / FILE).read_bytes(), type=dict[str, Slot])
    except OSError:
        raise BuildFailed([Problem(path, 1, "the theme's file is missing", "add it, or correct the setting")]) from None
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        line = re.search(r"at line (\d+)", str(error))
        raise BuildFailed([Problem(path, int(line[1]) if line else 1, f"{error}", _REMEDY)]) from None
    if problems := [Problem(path, 1, message, _REMEDY) for message in _faults(slots)]:
        raise BuildFailed(problems)
    return slots


def _faults(slots: Mapping[str, Slot]) -> Iterator[str]:
    for name in NAMES:
        if name not in slots:
            yield f"the slot [{name}] is missing"
    body, gallery = slots.get("body"), slots.get("gallery")
    if body and gallery and body.order() != gallery.order():
        yield "[gallery] has other files than [body]; only its sizes may differ"  # a text's pictures are planned as one
    for name, slot in slots.items():
        if name not in NAMES:
            yield f"no page has a slot [{name}]"
        if list(slot.widths) != sorted(set(slot.widths)) or not all(
            0 < each <= _WIDEST for each in (*slot.widths, slot.fallback)
        ):
            yield f"[{name}] has widths that do not rise from 1 to {_WIDEST}"
        if slot.widths and not slot.sizes:
            yield f"[{name}] has several widths and no sizes"
        if slot.crop and not re.fullmatch(r"[1-9]\d{0,3}:[1-9]\d{0,3}", slot.crop):
            yield f"[{name}] has the crop {slot.crop!r}, which is not width:height"
