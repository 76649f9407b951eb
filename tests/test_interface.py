"""Dates and names of languages are CLDR's, whatever shortcut they are made by."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from babel.dates import format_date, format_time
from babel.localedata import locale_identifiers

from newsroom.fronts.interface import Words, moment, read_catalog
from tests.support import ROOT, ZONE, build, edit

SPOKEN = [lang for lang in locale_identifiers() if lang.isalpha()]


def words(lang: str) -> Words:
    return read_catalog(ROOT / "theme", lang)


@pytest.mark.parametrize("month", range(1, 13))
def test_every_languages_dates_are_babels(month: int) -> None:
    when = datetime(2021, month, 7, 9, 5, tzinfo=ZONE)
    for lang in SPOKEN:
        expected = f"{format_date(when, 'd MMMM y', locale=lang)}, {format_time(when, 'HH:mm', locale=lang)}"
        assert moment(when, lang, ZONE).text == expected, lang


def test_a_date_without_a_time_shows_none() -> None:
    assert moment(datetime(2021, 7, 23, tzinfo=ZONE), "km", ZONE).text == "23 កក្កដា 2021"
    assert moment(datetime(2021, 7, 22, 17, tzinfo=UTC), "en", ZONE).text == "23 July 2021"
    assert moment(datetime(2021, 7, 22, 17, 1, tzinfo=UTC), "en", ZONE).text == "23 July 2021, 00:01"


def test_khmer_digits_are_an_option() -> None:
    digits = str.maketrans("0123456789", "០១២៣៤៥៦៧៨៩")
    shown = moment(datetime(2021, 7, 23, 9, 5, tzinfo=ZONE), "km", ZONE, digits)
    assert (shown.text, shown.iso) == ("២៣ កក្កដា ២០២១, ០៩:០៥", "2021-07-23T09:05:00+07:00")
    spoken = read_catalog(ROOT / "theme", "km", digits)
    assert spoken.ngettext("%(num)s minute to read", "%(num)s minutes to read", 12) == "អាន ១២ នាទី"
    assert spoken.say("Page %(number)s", number=40) == "ទំព័រទី ៤០"
    assert spoken.gettext("Translated by %(name)s", name="Agent 47") == "បកប្រែដោយ Agent 47"
    assert spoken.digest != read_catalog(ROOT / "theme", "km").digest


def test_pages_print_khmer_digits_where_the_site_wants_them(full_copy: Path) -> None:
    edit(full_copy / "pelicanconf.py", "NEWSROOM = {", 'NEWSROOM = {\n    "khmer_digits": True,')
    built = build(full_copy)
    page = built.text("km/2026/11/everything.html")
    assert "១១ វិច្ឆិកា ២០២៦, ០៩:៣០</time>" in page
    assert 'datetime="2026-11-11T09:30:00+07:00"' in page
    assert "១៤ វិច្ឆិកា" not in built.text("2026/11/everything.html")
    archive = built.text("km/archive/index.html")
    assert re.search(r'href="[^"]*/2026/index.html">២០២៦</a>', archive)


def test_a_message_keeps_its_values_apart() -> None:
    spoken = words("en")
    assert spoken.gettext("Part %(number)s of the series", number=1) == "Part 1 of the series"
    assert spoken.gettext("Part %(number)s of the series", number="<") == "Part &lt; of the series"
    assert spoken.gettext("100%% & more") == spoken.gettext("100%% & more") == "100% & more"


def test_languages_do_not_share_messages() -> None:
    assert words("en").gettext("Archive") == "Archive"
    assert words("km").gettext("Archive") != "Archive"
