"""Dates and names of languages are CLDR's, whatever shortcut they are made by."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from babel.dates import format_date, format_time
from babel.localedata import locale_identifiers

from newsroom.fronts.interface import Words, moment, read_catalog
from tests.support import ROOT, ZONE

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


def test_a_message_keeps_its_values_apart() -> None:
    spoken = words("en")
    assert spoken.gettext("Part %(number)s of the series", number=1) == "Part 1 of the series"
    assert spoken.gettext("Part %(number)s of the series", number="<") == "Part &lt; of the series"
    assert spoken.gettext("100%% & more") == spoken.gettext("100%% & more") == "100% & more"


def test_languages_do_not_share_messages() -> None:
    assert words("en").gettext("Archive") == "Archive"
    assert words("km").gettext("Archive") != "Archive"
