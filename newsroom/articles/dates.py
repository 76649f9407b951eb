"""Dates as reporters write them: `2021-07-23`, `2021-07-23 09:00`, `2021-07-23 09:00+07:00`."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from datetime import timezone as tz

_WRITTEN = re.compile(
    r"(?P<day>\d{4}-\d{2}-\d{2})(?:[T ](?P<time>\d{1,2}:\d{2}(?::\d{2})?)\s*(?P<offset>Z|[+-]\d{2}:?\d{2})?)?",
    re.ASCII,
)
_SLASHED = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(.*)", re.ASCII)


def parse_date(text: str, timezone: tzinfo) -> datetime:
    """The moment that `text` names, in `timezone` unless it gives an offset.

    Raises ValueError with a sentence `what is wrong; what to do`.
    """
    match = _WRITTEN.fullmatch(text.strip())
    if not match:
        raise ValueError(_misread(text.strip()))
    time = match["time"] or "00:00"
    try:
        moment = datetime.fromisoformat(f"{match['day']}T{time.zfill(5 if len(time) < 6 else 8)}")
        moment = moment.replace(tzinfo=_offset(match["offset"]) if match["offset"] else timezone)
        moment.astimezone(UTC), moment.astimezone(timezone)  # a moment that some calendar cannot hold
    except (ValueError, OverflowError) as error:
        reason = "year is out of range" if isinstance(error, OverflowError) else error
        raise ValueError(f"{text!r} is not a day or time that exists ({reason}); correct it") from None
    return moment


def _offset(text: str) -> tzinfo:
    if text == "Z":
        return UTC
    hours, minutes = int(text[1:3]), int(text[-2:])
    if hours > 23 or minutes > 59:
        raise ValueError("offset must be below 24 hours")
    east = timedelta(hours=hours, minutes=minutes)
    return tz(-east if text[0] == "-" else east)


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
