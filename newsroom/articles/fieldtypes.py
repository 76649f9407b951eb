"""The types of fields: what a date, a section, a slug or an alias must look like, and the sentence when it does not.

Dates are validated in the site's time zone, `category` and `lang` against the site's settings: both come
in as pydantic's validation context (`Facts`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Annotated, Literal, TypeVar
from urllib.parse import unquote

from pydantic import AfterValidator, BeforeValidator, StringConstraints, ValidationInfo

from newsroom.articles.dates import parse_date
from newsroom.articles.slugs import SLUG, slugify
from newsroom.errors import did_you_mean


@dataclass(frozen=True)
class Facts:
    """What a field is validated against: the site's time zone, languages and sections (name → id)."""

    timezone: tzinfo
    languages: tuple[str, ...]
    sections: Mapping[str, str]


def _facts(info: ValidationInfo) -> Facts:
    if not isinstance(info.context, Facts):
        raise TypeError("validate with context=Facts(…)")
    return info.context


LONGEST = 150  # letters of one part of an address; file systems hold 255 bytes, with what is added


def _moment(value: object, info: ValidationInfo) -> datetime:
    if not isinstance(value, str):
        raise ValueError("must be a date, not a list or a group of fields; write it as 2026-11-22 09:00")
    return parse_date(value, _facts(info).timezone)


def _section(value: str, info: ValidationInfo) -> str:
    sections = _facts(info).sections
    for name, identifier in sections.items():
        if value.casefold() in (name.casefold(), identifier):
            return identifier
    remedy = did_you_mean(value, sections, f"the sections are {', '.join(sections)} (in pelicanconf.py)")
    raise ValueError(f"{value!r} is not a section; {remedy}")


def _language(value: str, info: ValidationInfo) -> str:
    languages = _facts(info).languages
    if value not in languages:
        raise ValueError(f"{value!r} is not a language of this site; write one of {', '.join(languages)}")
    return value


def _slug(value: str) -> str:
    if len(value) > LONGEST:
        raise ValueError(f"{value[:30]!r}… is too long for a file's name; use at most {LONGEST} letters")
    if not SLUG.fullmatch(value):
        raise ValueError(
            f"{value!r} is not a slug; use small letters a-z, digits and hyphens, such as {slugify(value)!r}"
        )
    return value


def _save_as(value: str) -> str:
    parts = value.split("/")
    if value.startswith("/") or "\\" in value or any(part in ("", ".", "..") for part in parts):
        raise ValueError(f"{value!r} leaves the site's folder; write a plain path such as 'about/team.html'")
    if not re.fullmatch(r"[A-Za-z0-9._/-]+\.html", value):
        raise ValueError(f"{value!r} is not the path of a page; write ASCII letters and end it in '.html'")
    return value


def _alias(value: str) -> str:
    path = unquote(value).strip("/")  # the file that a host looks for
    if "?" in value or "#" in value or "://" in value:
        raise ValueError(f"{value!r} cannot be kept by a static site; write the path only, such as '/2021/old-name/'")
    wrong = any(not part or part[0] == "." or len(part) > LONGEST for part in path.split("/"))
    if wrong or not re.fullmatch(r"[\w./~+,-]+", path):
        raise ValueError(f"{value!r} is not a path on this site; write it as '/2021/old-name/'")
    return path


def _line(value: str) -> str:
    if "\n" in value:
        raise ValueError(f"{value!r} has a line break; write it on one line")
    return value


def _web_address(value: str) -> str:
    if not re.fullmatch(r"https?://[^\s\"<>]+", value):
        raise ValueError(f"{value!r} is not a web address; write it with https:// in front")
    return value


def _email(value: str) -> str:
    if not re.fullmatch(r"[^\s@<>\"]+@[^\s@<>\"]+\.[^\s@<>\"]+", value):
        raise ValueError(f"{value!r} is not an e-mail address; write it as name@site.org")
    return value


def _focus(value: str) -> str:
    if not re.fullmatch(r"(100|\d{1,2})% (100|\d{1,2})%", value):
        raise ValueError(f"{value!r} is not a focus; write how far from left and top, such as '50% 30%'")
    return value


def _no_text(value: object) -> object:
    if isinstance(value, str):
        listed = f"write [{value}]" if value.isprintable() else "write […]"
        raise ValueError(f"must be a list, not the text {value!r}; {listed} or one '- …' line for each")
    return value


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Line = Annotated[Text, AfterValidator(_line)]
Moment = Annotated[datetime, BeforeValidator(_moment)]
Section = Annotated[Text, AfterValidator(_section)]
Language = Annotated[Text, AfterValidator(_language)]
Slug = Annotated[Text, AfterValidator(_slug)]
Alias = Annotated[Text, AfterValidator(_alias)]
Item = TypeVar("Item")
Items = Annotated[tuple[Item, ...], BeforeValidator(_no_text)]
Status = Literal["published", "draft", "hidden"]
ArticleStatus = Literal["published", "draft", "hidden", "retracted"]
Focus = Annotated[Text, AfterValidator(_focus)]
SaveAs = Annotated[Text, AfterValidator(_save_as)]
WebAddress = Annotated[Text, AfterValidator(_web_address)]
Email = Annotated[Text, AfterValidator(_email)]
