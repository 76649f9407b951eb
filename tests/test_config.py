"""The site's settings: every mistake at once, with its line of pelicanconf.py, in words of the file."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from newsroom.config import Config, read_config
from newsroom.errors import BuildFailed

NEWSROOM = {
    "languages": ["en", "km"],
    "names": {"km": "គេហទំព័រ"},
    "sections": {"politics": {"en": "Politics", "km": "នយោបាយ"}, "handbook": {"en": "Handbook"}},
    "contact": {"email": "desk@site.test"},
    "feed_authority": "site.test,2021",
}
SETTINGS: dict[str, Any] = {
    "SITENAME": "Site",
    "SITEURL": "https://site.test/sub/",
    "TIMEZONE": "Asia/Phnom_Penh",
    "PATH": "/x/content",
    "THEME": "/x/theme",
    "OUTPUT_PATH": "/x/output",
    "THEME_STATIC_DIR": "theme",
    "ARTICLE_SAVE_AS": "{date:%Y}/{date:%m}/{slug}.html",
    "PAGE_SAVE_AS": "{slug}.html",
    "DEFAULT_PAGINATION": 20,
    "FEED_MAX_ITEMS": 10,
}
JARGON = re.compile(r"pydantic|tuple|instance|pattern|int\(\)|Invalid|NoneType|Errno")


def read(environment: dict[str, str] | None = None, **changed: Any) -> Config:
    """The config with some settings changed."""
    return read_config({"NEWSROOM": NEWSROOM, **SETTINGS, **changed}, {"SOURCE_DATE_EPOCH": "0", **(environment or {})})


def newsroom(**changed: Any) -> dict[str, Any]:
    """Settings whose NEWSROOM has some values changed."""
    return {"NEWSROOM": {**NEWSROOM, **changed}}


def sentences(changed: dict[str, Any], folder: Path) -> list[str]:
    """What is wrong, with lines of a pelicanconf.py that names one setting a line, in the order of the table."""
    names = [*SETTINGS, "NEWSROOM", *NEWSROOM, "email", "politics"]
    path = folder / "pelicanconf.py"
    path.write_text("".join(f"{name} = ...\n" for name in names), encoding="utf-8")
    with pytest.raises(BuildFailed) as caught:
        read({"NEWSROOM_SETTINGS": str(path)}, **changed)
    return [str(problem) for problem in caught.value.problems]


def test_the_facts_of_the_site() -> None:
    config = read()
    assert (config.name, config.url, config.languages) == ("Site", "https://site.test/sub", ("en", "km"))
    assert (config.page_size, config.feed_size) == (20, 10)
    assert (config.content, config.output) == (Path("/x/content"), Path("/x/output"))
    assert config.site_name("en") == "Site"
    assert config.site_name("km") == "គេហទំព័រ"
    assert config.section_name("politics", "km") == "នយោបាយ"
    assert config.section_name("handbook", "km") == "Handbook"
    assert (config.newsroom.drafts, config.newsroom.production) == (False, False)


def test_no_pagination_in_pelicans_settings_means_twenty() -> None:
    assert read(DEFAULT_PAGINATION=False).page_size == 20


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"SITEURL": ""}, ["2: SITEURL '' is not a web address; write it as 'https://…'"]),
        ({"SITEURL": "site.test"}, ["2: SITEURL 'site.test' is not a web address; write it as 'https://…'"]),
        ({"SITEURL": "ftp://a.b"}, ["2: SITEURL 'ftp://a.b' is not a web address; write it as 'https://…'"]),
        ({"SITEURL": "https://[a"}, ["2: SITEURL 'https://[a' is not a web address; write it as 'https://…'"]),
        (
            {"TIMEZONE": "Asia/Phnom"},
            ["3: TIMEZONE 'Asia/Phnom' is not a time zone; write one such as 'Asia/Phnom_Penh'"],
        ),
        ({"TIMEZONE": "../x"}, ["3: TIMEZONE '../x' is not a time zone; write one such as 'Asia/Phnom_Penh'"]),
        ({"TIMEZONE": "Asia"}, ["3: TIMEZONE 'Asia' is not a time zone; write one such as 'Asia/Phnom_Penh'"]),
        ({"TIMEZONE": None}, ["3: TIMEZONE None is not a time zone; write one such as 'Asia/Phnom_Penh'"]),
        ({"SITENAME": 3}, ["1: SITENAME 3 is not a text; put it in quotation marks"]),
        (
            {"PAGE_SAVE_AS": "{nope}.html"},
            [
                "9: PAGE_SAVE_AS '{nope}.html' is not a pattern of addresses; "
                "name {slug} in it, and in an article's also {date:%Y}"
            ],
        ),
        (newsroom(langages=["en"]), ["1: NEWSROOM: unknown setting 'langages'; did you mean 'languages'?"]),
        (newsroom(xyzzy=1), ["1: NEWSROOM: unknown setting 'xyzzy'; delete it"]),
        (
            newsroom(contact={"email": "a@b.test", "phone": "1"}),
            ["1: NEWSROOM: unknown setting 'contact.phone'; did you mean 'telephone'?"],
        ),
        (newsroom(contact={}), ["18: NEWSROOM: 'contact.email' is missing; add it"]),
        (
            newsroom(sections={"politics": {"km": "នយោបាយ"}}),
            ["19: NEWSROOM: the section 'politics' has no name in 'en'; add it"],
        ),
        (
            {"NEWSROOM": {}},
            [
                "1: NEWSROOM: 'feed_authority' is missing; add it",
                "1: NEWSROOM: 'sections' is missing; add it",
                "1: NEWSROOM: 'contact' is missing; add it",
            ],
        ),
        (
            {"SITEURL": "", "TIMEZONE": "", **newsroom(publish_too="")},
            [
                "1: NEWSROOM: unknown setting 'publish_too'; did you mean 'publish_to'?",
                "2: SITEURL '' is not a web address; write it as 'https://…'",
                "3: TIMEZONE '' is not a time zone; write one such as 'Asia/Phnom_Penh'",
            ],
        ),
    ],
    ids=lambda value: value[0].partition(";")[0] if isinstance(value, list) else "",
)
def test_a_wrong_setting_has_its_line_and_sentence(
    changed: dict[str, Any], expected: list[str], tmp_path: Path
) -> None:
    found = sentences(changed, tmp_path)
    missing = changed.get("NEWSROOM") == {}
    if missing:  # each is on the line that names it, here in the table's order
        found = [re.sub(r":\d+: ", ":1: ", sentence) for sentence in found]
    assert sorted(found) == sorted(f"pelicanconf.py:{sentence}" for sentence in expected)


WRONG = {
    "newsroom is a list": {"NEWSROOM": []},
    "newsroom is nothing": {"NEWSROOM": None},
    "languages are a text": newsroom(languages="en"),
    "languages are none": newsroom(languages=[]),
    "a language is a number": newsroom(languages=[1]),
    "a language twice": newsroom(languages=["en", "en"]),
    "a language that climbs": newsroom(languages=["en", "../km"]),
    "sections are a list": newsroom(sections=["politics"]),
    "a section is a text": newsroom(sections={"politics": "Politics"}),
    "a section's name is a number": newsroom(sections={"politics": {"en": 1}}),
    "a section that climbs": newsroom(sections={"../politics": {"en": "Politics"}}),
    "a section whose id is a name": newsroom(sections={"Press freedom": {"en": "Press freedom"}}),
    "two sections of one name": newsroom(sections={"politics": {"en": "Politics"}, "other": {"en": "Politics"}}),
    "contact is a text": newsroom(contact="desk@site.test"),
    "e-mail is nothing": newsroom(contact={"email": None}),
    "the feeds' authority has no year": newsroom(feed_authority="site"),
    "the feeds' authority is a number": newsroom(feed_authority=2021),
    "a topic is a text": newsroom(topics={"a": "A"}),
    "drafts are perhaps": newsroom(drafts="perhaps"),
    "a page of minus one": {"DEFAULT_PAGINATION": -1},
    "a page of many": {"DEFAULT_PAGINATION": "many"},
    "a feed of nothing": {"FEED_MAX_ITEMS": None},
    "a feed of all": {"FEED_MAX_ITEMS": "all"},
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_setting_of_a_wrong_kind_is_told_in_plain_words(wrong: str, tmp_path: Path) -> None:
    found = sentences(WRONG[wrong], tmp_path)
    assert found
    for sentence in found:
        assert sentence.startswith("pelicanconf.py:")
        assert not JARGON.search(sentence)


def test_a_problem_without_a_file_of_settings_is_on_line_1() -> None:
    with pytest.raises(BuildFailed, match=r"^pelicanconf.py:1: SITEURL"):
        read({"NEWSROOM_SETTINGS": "/nowhere/pelicanconf.py"}, SITEURL="")


def test_now_is_that_of_the_environment_in_the_sites_time_zone() -> None:
    now = read({"SOURCE_DATE_EPOCH": "1780000000"}).now
    assert now == datetime(2026, 5, 28, 20, 26, 40, tzinfo=UTC)
    assert str(now.utcoffset()) == "7:00:00"


def test_without_it_now_is_that_of_the_clock() -> None:
    before = datetime.now(UTC)
    assert before <= read({"SOURCE_DATE_EPOCH": ""}).now <= datetime.now(UTC)


@pytest.mark.parametrize("written", ["-1", "x", "1.5", " 5", "²", "٣", "253402300800", "9" * 20, "1e3", "0x10"])
def test_a_wrong_now_is_told(written: str) -> None:
    with pytest.raises(BuildFailed) as caught:
        read({"SOURCE_DATE_EPOCH": written})
    message = f"environment:1: SOURCE_DATE_EPOCH {written!r} is not a number of seconds"
    assert str(caught.value) == f"{message}; write seconds since 1970, or unset it"


def test_example_values_are_named_and_real_ones_are_not() -> None:
    assert read().examples() == []
    contact = {
        "email": "newsroom@newsroom.example",
        "telephone": "+855 00 000 000",
        "address": "Example Street 1, Phnom Penh",
    }
    config = read(
        SITEURL="https://newsroom.example", **newsroom(contact=contact, feed_authority="newsroom.example,2021")
    )
    assert config.examples() == [
        "SITEURL ('https://newsroom.example')",
        "NEWSROOM contact email ('newsroom@newsroom.example')",
        "NEWSROOM contact telephone ('+855 00 000 000')",
        "NEWSROOM contact address ('Example Street 1, Phnom Penh')",
        "NEWSROOM feed_authority ('newsroom.example,2021')",
    ]


@pytest.mark.parametrize("telephone", ["+855 23 900 100", "+855 12 000 345", "012 345 600", "+1 800 555 0100"])
def test_a_real_telephone_is_no_example(telephone: str) -> None:
    assert read(**newsroom(contact={"email": "a@b.test", "telephone": telephone})).examples() == []
