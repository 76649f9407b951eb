"""Slugs: the ASCII names that addresses are made of."""

from __future__ import annotations

import re

from unidecode import unidecode

LONGEST = 120  # letters; a headline may be longer, a file's name may not
SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def slugify(text: str) -> str:
    """An ASCII slug for any script; `section` where nothing readable is left.

    Khmer is transliterated: ugly, but two different words stay two different slugs.
    """
    words = re.findall(r"[a-z0-9]+", unidecode(text).lower().replace("'", ""))
    return "-".join(words)[:LONGEST].strip("-") or "section"


def heading_id(text: str, separator: str) -> str:
    """`slugify` in the form that Markdown's table-of-contents extension calls."""
    del separator  # always a hyphen here
    return slugify(text)
