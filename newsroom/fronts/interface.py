"""The interface's language: gettext catalogs of the theme, and CLDR dates. Never the system's locale."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import datetime, tzinfo
from functools import cache
from pathlib import Path
from typing import Literal

from babel.core import Locale, get_global
from babel.dates import get_month_names
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po
from babel.support import Translations
from markupsafe import Markup

from newsroom.errors import BuildFailed, Problem
from newsroom.files import digest
from newsroom.fronts.views import Moment

LABELS = {
    "news": "",
    "analysis": "Analysis",
    "opinion": "Opinion",
    "interview": "Interview",
    "fact-check": "Fact check",
    "sponsored": "Sponsored",
}


class Words:
    """The interface's strings in one language: gettext as Jinja's newstyle calls it, values filled in by name."""

    def __init__(self, translations: Translations, digest: str, digits: Mapping[int, str]) -> None:
        self._translations = translations
        self._digits = digits
        self.digest = digest  # of the catalog: what stands for these words where they are a template's value
        self._fixed: dict[str, Markup] = {}  # most messages hold no values, and every page asks for twenty

    def gettext(self, message: str, **values: object) -> Markup:
        if not values:
            if message not in self._fixed:
                self._fixed[message] = Markup(self._translations.gettext(message)) % {}  # noqa: S704 (as below)
            return self._fixed[message]
        shown = self._shown(values)
        return Markup(self._translations.gettext(message)) % shown  # noqa: S704 (our catalogs; values are escaped)

    def ngettext(self, one: str, many: str, num: int, **values: object) -> Markup:
        shown = self._shown({"num": num, **values})
        return Markup(self._translations.ngettext(one, many, num)) % shown  # noqa: S704

    def say(self, message: str, **values: object) -> str:
        """A message as plain text, for titles and feeds."""
        return str(self._translations.gettext(message)) % self._shown(values)

    def _shown(self, values: Mapping[str, object]) -> dict[str, object]:
        """The values with their numbers in the language's digits."""
        return {name: str(each).translate(self._digits) if type(each) is int else each for name, each in values.items()}


def read_catalog(theme: Path, lang: str, digits: Mapping[int, str] = {}) -> Words:
    """The theme's catalog of a language, which prints numbers with `digits`. Raises BuildFailed where it is missing or
    broken."""
    path = theme / "translations" / lang / "LC_MESSAGES" / "messages.po"
    shown = f"{theme.name}/{path.relative_to(theme).as_posix()}"
    try:
        data = path.read_bytes()
        catalog = read_po(io.BytesIO(data), locale=lang, abort_invalid=True)
    except FileNotFoundError:
        raise BuildFailed([Problem(shown, 1, "the catalog is missing", "add it, or the language's .po file")]) from None
    except (PoFileError, ValueError) as error:
        line = getattr(error, "lineno", 0) or 0
        raise BuildFailed([Problem(shown, line + 1, f"is not a catalog ({error})", "mend that entry")]) from None
    compiled = io.BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return Words(Translations(compiled), digest(data + repr(digits).encode()), digits)


@cache
def language_name(lang: str) -> str:
    """The language's name in itself: English, ខ្មែរ."""
    return (Locale.parse(lang).get_display_name(lang) or lang).capitalize()


@cache
def territory_locale(lang: str) -> str:
    """`km` → `km_KH`, as Open Graph wants it."""
    likely = str(get_global("likely_subtags").get(lang, lang)).split("_")
    return f"{likely[0]}_{likely[-1]}" if len(likely) > 1 else lang


def moment(when: datetime, lang: str, timezone: tzinfo, digits: Mapping[int, str] = {}) -> Moment:
    """`23 July 2021`, with the time where one was given: Babel's `d MMMM y` and `HH:mm`, which cost ten times more."""
    local = when.astimezone(timezone)
    text = f"{local.day} {_months('format', lang)[local.month]} {local.year}"
    if local.hour or local.minute:
        text += f", {local.hour:02}:{local.minute:02}"
    return Moment(local.isoformat(), text.translate(digits) if digits else text)


def month_name(year: int, month: int, lang: str) -> str:
    """`July 2021`."""
    return f"{_months('stand-alone', lang)[month]} {year}"


@cache
def _months(use: Literal["format", "stand-alone"], lang: str) -> Mapping[int, str]:
    return dict(get_month_names("wide", use, lang))
