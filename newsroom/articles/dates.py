"""Dates as reporters write them: `2021-07-23`, `2021-07-23 09:00`, `2021-07-23 09:00+07:00`."""

from __future__ import annotations

import re
from datetime import date, datetime, tzinfo

_WRITTEN = re.compile(
    r"(?P<day>\d{4}-\d{2}-\d{2})(?:[T ](?P<time>\d{1,2}:\d{2}(?::\d{2})?)\s*(?P<offset>Z|[+-]\d{2}:?\d{2})?)?"
)
_SLASHED = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(.*)")


def parse_date(text: str, timezone: tzinfo) -> datetime:
    """The moment that `text` names, in `timezone` unless it gives an offset.

    Raises ValueError with a sentence `what is wrong; what to do`.
    """
    match = _WRITTEN.fullmatch(text.strip())
    if not match:
        raise ValueError(_misread(text.strip()))
    day, time, offset = match["day"], match["time"] or "00:00", match["offset"]
    try:
        moment = datetime.fromisoformat(f"{day}T{time.zfill(len('00:00') if len(time) < 6 else 8)}")
    except ValueError as error:
        raise ValueError(f"{text!r} is not a day or time that exists ({error}); correct it") from None
    if offset:
        return moment.replace(tzinfo=datetime.strptime(offset, "%z").tzinfo)
    return moment.replace(tzinfo=timezone)


def _misread(text: str) -> str:
    example = "write it as 2026-11-22 or 2026-11-22 09:00"
    match = _SLASHED.fullmatch(text)
    if not match:
        return f"{text!r} is not a date; {example}"
    first, second, year = int(match[1]), int(match[2]), int(match[3])
    readings = [iso for month, day in ((second, first), (first, second)) if (iso := _iso(year, month, day))]
    readings = list(dict.fromkeys(readings))
    if len(readings) == 2:
        return f"{text!r} can be read as two dates; write {readings[0]} or {readings[1]}"
    if readings:
        return f"{text!r} is not written year first; write {readings[0]}{match[4]}"
    return f"{text!r} is not a day that exists; {example}"


def _iso(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None
