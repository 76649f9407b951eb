"""The site's facts: Pelican's settings and the NEWSROOM dict as one typed, frozen value."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from newsroom.errors import BuildFailed, Problem, did_you_mean

Names = dict[str, str]  # language → text

# Keys of Pelican's settings through which the parts of one build meet; never set in a settings file.
STATE = "NEWSROOM_STATE"  # newsroom/plugin.py's own
PROGRESS = "NEWSROOM_PROGRESS"  # a callable that shows progress
FRESH = "NEWSROOM_FRESH"  # whether whatever else is in the output goes
SUMMARY = "NEWSROOM_SUMMARY"  # what the build did
CHECK = "NEWSROOM_CHECK"  # where what is found goes, of a site that is looked at and not built
CACHE = "NEWSROOM_CACHE"  # whether what earlier builds remember is used
EXPLAIN = "NEWSROOM_EXPLAIN"  # whose making is to be explained: "" for all that was written, else a file or a source

# What a setting holds until the newsroom sets its own: `.example` is reserved (RFC 2606), and nobody's telephone
# number is nothing but noughts behind its country's code.
_EXAMPLE = re.compile(r"\bexample\b|^\+\d{1,3} [0 ]+$", re.IGNORECASE)
_LATEST = 253_402_214_400  # seconds: the last day of the year 9999


class Contact(BaseModel):
    """How readers reach the newsroom; printed on the contact page and in structured data."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    email: str
    telephone: str = ""
    address: str = ""


def _languages(codes: tuple[str, ...]) -> tuple[str, ...]:
    for code in codes:
        if not re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", code):
            raise ValueError(f"{code!r} is not the code of a language; write one such as 'km'")
    if len(set(codes)) < len(codes):
        raise ValueError("a language stands twice; keep one of them")
    return codes


def _sections(sections: dict[str, Names]) -> dict[str, Names]:
    for identifier in sections:
        if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", identifier):
            raise ValueError(f"{identifier!r} cannot be an address; use small letters a-z, digits and hyphens")
    return sections


def _several(written: object) -> object:
    return tuple(filter(None, [written])) if isinstance(written, str) else written


def _authority(written: str) -> str:
    if not re.fullmatch(r"[a-z0-9.-]+,\d{4}(-\d\d){0,2}", written, re.ASCII):
        raise ValueError(f"{written!r} is not a domain and a year; write it as 'newsroom.org,2026'")
    return written


_KHMER_DIGITS = {ord(each): khmer for each, khmer in zip("0123456789", "០១២៣៤៥៦៧៨៩", strict=True)}


class Newsroom(BaseModel):
    """The NEWSROOM dict of pelicanconf.py."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    languages: Annotated[tuple[str, ...], AfterValidator(_languages)] = Field(
        ("en",), min_length=1, description="codes, the default language first"
    )
    names: Names = Field({}, description="the site's name in other languages")
    taglines: Names = Field({}, description="one sentence under the name, by language")
    sections: Annotated[dict[str, Names], AfterValidator(_sections)] = Field(
        description="id → name by language; the order of the menu"
    )
    topics: dict[str, Names] = Field({}, description="topic's slug → name by language, where it is translated")
    contact: Contact
    logo: str = Field("images/logo.png", description="in theme/static; a picture for structured data")
    icon: str = Field("images/favicon.png", description="in theme/static; the browser tab's picture")
    feed_authority: Annotated[str, AfterValidator(_authority)] = Field(
        description="'domain,year' that the feeds' tag: URIs begin with; never change it (RFC 4151)"
    )
    publish_to: Annotated[tuple[str, ...], BeforeValidator(_several)] = Field(
        (), description="where publish puts the site, one place or several: see docs/publishing.md"
    )
    mirrors: tuple[str, ...] = Field((), description="addresses at which readers find the same site")
    onion: str = Field("", description="the site's onion address, with http://")
    root_key: str = Field("", description="the minisign public key by which readers know this newsroom's releases")
    signing_key: str = Field("", description="the file of the secret key that signs releases; never inside this folder")
    release_days: int = Field(90, ge=1, description="days after which a release is no more believed")
    downloads: bool = Field(True, description="offer the whole site, and each month, as files to keep")
    offline_reading: bool = Field(False, description="let browsers keep what was read, for when the site is blocked")
    social_cards: bool = Field(True, description="draw a picture for links to articles that have none")
    khmer_digits: bool = Field(False, description="print numbers and dates of Khmer pages as ០–៩")
    drafts: bool = Field(False, description="show drafts, hidden and embargoed articles, as serve does")
    production: bool = Field(False, description="warn about example values, as publishconf.py does")

    @property
    def reachable(self) -> bool:
        """Whether there is anything to tell readers for when the site is blocked."""
        return bool(self.mirrors or self.onion or self.downloads or self.offline_reading)


class Config(BaseModel):
    """Everything that the rooms need to know about the site."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)
    name: str
    url: str  # absolute, without a slash at its end
    timezone: ZoneInfo
    content: Path
    theme: Path
    output: Path
    static: str  # the theme's folder in the output
    article_url: str
    page_url: str
    page_size: int
    feed_size: int
    now: datetime
    newsroom: Newsroom

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages' codes, the default one first."""
        return self.newsroom.languages

    def site_name(self, lang: str) -> str:
        return self.newsroom.names.get(lang, self.name)

    def section_name(self, identifier: str, lang: str) -> str:
        names = self.newsroom.sections[identifier]
        return names.get(lang) or names[self.languages[0]]

    def digits(self, lang: str) -> Mapping[int, str]:
        """What `str.translate` wants to print numbers as the language's readers have them."""
        return _KHMER_DIGITS if lang == "km" and self.newsroom.khmer_digits else {}

    def examples(self) -> list[str]:
        """The settings that still hold an example value, which must not be published."""
        contact = self.newsroom.contact
        values = {
            "SITEURL": self.url,
            "NEWSROOM contact email": contact.email,
            "NEWSROOM contact telephone": contact.telephone,
            "NEWSROOM contact address": contact.address,
            "NEWSROOM feed_authority": self.newsroom.feed_authority,
        }
        return [f"{name} ({value!r})" for name, value in values.items() if _EXAMPLE.search(value)]


def read_config(settings: Mapping[str, Any], environment: Mapping[str, str]) -> Config:
    """The config from Pelican's settings. Raises BuildFailed with every problem, by line of pelicanconf.py."""
    newsroom, problems = _newsroom(settings.get("NEWSROOM", {}))
    url = str(settings["SITEURL"]).rstrip("/")
    if not _is_address(url):
        problems.append(("SITEURL", f"SITEURL {url!r} is not a web address", "write it as 'https://…'"))
    timezone = _timezone(settings["TIMEZONE"])
    if timezone is None:
        message = f"TIMEZONE {settings['TIMEZONE']!r} is not a time zone"
        problems.append(("TIMEZONE", message, "write one such as 'Asia/Phnom_Penh'"))
    for name in ("DEFAULT_PAGINATION", "FEED_MAX_ITEMS"):
        if not isinstance(size := settings[name] or 20, int) or size < 1 or settings[name] is None:
            problems.append((name, f"{name} {settings[name]!r} is not a whole number from 1", "write one such as 20"))
    problems += _unusable(settings)
    if danger := _endangered(settings):
        message = f"OUTPUT_PATH {settings['OUTPUT_PATH']!r} would be written over {danger}"
        problems.append(("OUTPUT_PATH", message, "name a folder of its own, such as 'output'"))
    if newsroom is None or timezone is None or problems:
        raise BuildFailed(located(problem, environment) for problem in problems)
    return Config(
        name=settings["SITENAME"],
        url=url,
        timezone=timezone,
        content=Path(settings["PATH"]),
        theme=Path(settings["THEME"]),
        output=Path(settings["OUTPUT_PATH"]),
        static=settings["THEME_STATIC_DIR"],
        article_url=settings["ARTICLE_SAVE_AS"],
        page_url=settings["PAGE_SAVE_AS"],
        page_size=settings["DEFAULT_PAGINATION"] or 20,
        feed_size=settings["FEED_MAX_ITEMS"],
        now=_now(environment).astimezone(timezone),
        newsroom=newsroom,
    )


def _unusable(settings: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Pelican's settings that are of the wrong kind, or patterns of addresses that name what is not there."""
    for name in ("SITENAME", "THEME_STATIC_DIR"):
        if not isinstance(settings[name], str) or not settings[name]:
            yield name, f"{name} {settings[name]!r} is not a text", "put it in quotation marks"
    for name in ("ARTICLE_SAVE_AS", "PAGE_SAVE_AS"):
        try:
            usable = "x" in str(settings[name]).format(slug="x", date=datetime(2026, 11, 22, tzinfo=UTC))
        except (KeyError, IndexError, ValueError, AttributeError):
            usable = False
        if not usable:
            message = f"{name} {settings[name]!r} is not a pattern of addresses"
            yield name, message, "name {slug} in it, and in an article's also {date:%Y}"


def _endangered(settings: Mapping[str, Any]) -> str:
    """The sources that an output folder would hold or lie in; "" where it is a folder of its own."""
    output = Path(settings["OUTPUT_PATH"]).resolve()
    for name in ("PATH", "THEME"):
        source = Path(settings[name]).resolve()
        if output.is_relative_to(source) or source.is_relative_to(output):
            return f"{source.name}/"
    return ".git/" if (output / ".git").exists() else ""


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _timezone(name: Any) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError, TypeError):
        return None


def _now(environment: Mapping[str, str]) -> datetime:
    """The one value through which time enters: SOURCE_DATE_EPOCH if set, in seconds, else the clock."""
    written = environment.get("SOURCE_DATE_EPOCH", "")
    if written and not (re.fullmatch(r"[0-9]{1,12}", written) and int(written) < _LATEST):
        message = f"SOURCE_DATE_EPOCH {written!r} is not a number of seconds"
        raise BuildFailed([Problem("environment", 1, message, "write seconds since 1970, or unset it")])
    return datetime.fromtimestamp(int(written), UTC) if written else datetime.now(UTC)


def _newsroom(written: Any) -> tuple[Newsroom | None, list[tuple[str, str, str]]]:
    try:
        newsroom = Newsroom.model_validate(written)
    except ValidationError as error:
        return None, [_complaint(detail) for detail in error.errors(include_url=False)]
    default = newsroom.languages[0]
    problems = [
        (key, f"NEWSROOM: the section {key!r} has no name in {default!r}", "add it")
        for key, names in newsroom.sections.items()
        if not names.get(default)
    ]
    first: dict[str, str] = {}
    for key, names in newsroom.sections.items():
        name = names.get(default, "").casefold()
        if name and first.setdefault(name, key) != key:
            message = f"NEWSROOM: the sections {first[name]!r} and {key!r} have the same name"
            problems.append((key, message, "give one of them another"))
    return newsroom, problems


_KINDS = {
    "tuple_type": "must be a list",
    "dict_type": "must be a group of settings in { }",
    "model_type": "must be a group of settings in { }",
    "string_type": "must be a text",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "greater_than_equal": "is too small",
    "bool_type": "must be True or False",
    "bool_parsing": "must be True or False",
    "too_short": "is empty",
}


def _complaint(detail: Any) -> tuple[str, str, str]:
    name = ".".join(str(part) for part in detail["loc"]) or "NEWSROOM"
    key = str(detail["loc"][-1]) if detail["loc"] else "NEWSROOM"
    if detail["type"] == "extra_forbidden":
        known = Contact.model_fields if name.startswith("contact.") else Newsroom.model_fields
        return key, f"NEWSROOM: unknown setting {name!r}", did_you_mean(key, known, "delete it")
    if detail["type"] == "missing":
        return key, f"NEWSROOM: {name!r} is missing", "add it"
    if detail["type"] == "value_error":
        message, _, remedy = str(detail["ctx"]["error"]).partition("; ")
        return key, f"NEWSROOM: {name!r}: {message}", remedy
    return key, f"NEWSROOM: {name!r} {_KINDS.get(detail['type'], 'is not valid')}", "correct it"


def located(problem: tuple[str, str, str], environment: Mapping[str, str]) -> Problem:
    """The problem with the line on which pelicanconf.py names the setting."""
    key, message, remedy = problem
    path = environment.get("NEWSROOM_SETTINGS", "pelicanconf.py")
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    line = next((n for n, text in enumerate(lines, 1) if re.search(rf"\b{re.escape(key)}\b", text)), 1)
    return Problem(os.path.basename(path), line, message, remedy)
