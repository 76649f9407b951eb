"""The interface's language: gettext catalogs of the theme, and CLDR dates. Never the system's locale."""

from __future__ import annotations

import io
from datetime import datetime, tzinfo
from pathlib import Path

from babel.core import Locale, get_global
from babel.dates import format_date, format_time, get_month_names
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

    def __init__(self, translations: Translations, digest: str) -> None:
        self._translations = translations
        self.digest = digest  # of the catalog: what stands for these words where they are a template's value

    def gettext(self, message: str, **values: object) -> Markup:
        return Markup(self._translations.gettext(message)) % values  # noqa: S704 (our catalogs; values are escaped)

    def ngettext(self, one: str, many: str, num: int, **values: object) -> Markup:
        return Markup(self._translations.ngettext(one, many, num)) % {"num": num, **values}  # noqa: S704

    def say(self, message: str, **values: object) -> str:
        """A message as plain text, for titles and feeds."""
        return str(self._translations.gettext(message)) % values


def read_catalog(theme: Path, lang: str) -> Words:
    """The theme's catalog of a language. Raises BuildFailed when it is missing or broken."""
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
    return Words(Translations(compiled), digest(data))


def language_name(lang: str) -> str:
    """The language's name in itself: English, ខ្មែរ."""
    return (Locale.parse(lang).get_display_name(lang) or lang).capitalize()


def territory_locale(lang: str) -> str:
    """`km` → `km_KH`, as Open Graph wants it."""
    likely = str(get_global("likely_subtags").get(lang, lang)).split("_")
    return f"{likely[0]}_{likely[-1]}" if len(likely) > 1 else lang


def moment(when: datetime, lang: str, timezone: tzinfo) -> Moment:
    """`23 July 2021`, with the time where one was given."""
    local = when.astimezone(timezone)
    text = format_date(local, "d MMMM y", locale=lang)
    if local.hour or local.minute:
        text += f", {format_time(local, 'HH:mm', locale=lang)}"
    return Moment(local.isoformat(), text)


def month_name(year: int, month: int, lang: str) -> str:
    """`July 2021`."""
    return f"{get_month_names('wide', 'stand-alone', lang)[month]} {year}"
