"""Dates: what is written in an accepted form reads back, anything else gives a sentence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newsroom.articles.dates import parse_date
from tests.articles.reading import ZONE

OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(datetime(1800, 1, 1), datetime(2200, 1, 1), timezones=OFFSETS).map(
    lambda moment: moment.replace(microsecond=0)
)
FORMS = ["%Y-%m-%d %H:%M:%S%z", "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%d %H:%M:%S %z"]


@given(MOMENTS, st.sampled_from(FORMS), st.booleans())
def test_a_moment_with_an_offset_reads_back(moment: datetime, form: str, colon: bool) -> None:
    written = moment.strftime(form)
    text = f"{written[:-2]}:{written[-2:]}" if colon else written
    read = parse_date(text, ZONE)
    assert read == moment
    assert read.utcoffset() == moment.utcoffset()


@given(st.datetimes(datetime(1800, 1, 1), datetime(2200, 1, 1)))
def test_a_time_without_an_offset_is_in_the_time_zone_of_the_site(moment: datetime) -> None:
    moment = moment.replace(second=0, microsecond=0)
    assert parse_date(f"{moment:%Y-%m-%d %H:%M}", ZONE) == moment.replace(tzinfo=ZONE)
    assert parse_date(f"{moment:%Y-%m-%d} {moment.hour}:{moment:%M}", ZONE) == moment.replace(tzinfo=ZONE)
    assert parse_date(f"{moment:%Y-%m-%d}", ZONE) == moment.replace(hour=0, minute=0, tzinfo=ZONE)


def test_z_is_universal_time() -> None:
    assert parse_date(" 2026-01-02T03:04:05Z ", ZONE) == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def sentence(text: str) -> str:
    """The sentence for a text that is no date; `""` for a date. Nothing but ValueError may be raised."""
    try:
        parse_date(text, ZONE).astimezone(UTC)
    except ValueError as error:
        return str(error)
    return ""


NUMBERS = st.integers(0, 99)


@given(
    NUMBERS, NUMBERS, st.integers(1000, 2999), st.sampled_from("/.-"), st.sampled_from(["", " 09:00", " in May", "T"])
)
def test_a_date_that_begins_with_a_day_or_month_is_refused_in_a_sentence(
    first: int, second: int, year: int, mark: str, rest: str
) -> None:
    text = f"{first}{mark}{second}{mark}{year:04}{rest}"
    message, _, remedy = sentence(text).partition("; ")
    assert message.startswith(repr(text))
    assert remedy.startswith(("write 1", "write 2", "write it as "))


@given(st.text(alphabet=st.sampled_from("0123456789-/:.+ TZ٣២²"), max_size=26) | st.text(max_size=30))
@example("9999-12-31 23:59-12:00")
@example("0001-01-01 00:00+14:00")
@example("2026-01-02 09:00+25:00")
@example("2026-01-02 09:00+07:60")
@example("២០២៦-០១-០២")
@example("2026-0១-02")
def test_any_text_is_a_date_or_gets_a_sentence_with_a_remedy(text: str) -> None:
    said = sentence(text)
    message, _, remedy = said.partition("; ")
    assert not said or (message and remedy)
    for jargon in ("isoformat", "timedelta", "%z", "strptime"):
        assert jargon not in said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("04/05/2026", "'04/05/2026' can be read as two dates; write 2026-05-04 or 2026-04-05"),
        ("5.5.2026", "'5.5.2026' is not written year first; write 2026-05-05"),
        ("22-11-2026 09:00", "'22-11-2026 09:00' is not written year first; write 2026-11-22 09:00"),
        ("31/11/2026", "'31/11/2026' is not a day that exists; write it as 2026-11-22 or 2026-11-22 09:00"),
        ("2026/11/22", "'2026/11/22' is not a date; write it as 2026-11-22 or 2026-11-22 09:00"),
        ("2025-02-29", "'2025-02-29' is not a day or time that exists (day is out of range for month); correct it"),
    ],
)
def test_the_sentence_for_a_wrong_date(text: str, said: str) -> None:
    assert sentence(text) == said
