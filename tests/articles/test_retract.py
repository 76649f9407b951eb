"""Taking an article down changes the lines that say so, and no other byte of its file."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsroom.articles.frontmatter import split
from newsroom.articles.retract import retract
from tests.support import ZONE

WHEN = datetime(2026, 11, 22, 12, 0, tzinfo=ZONE)


def test_the_fields_stand_at_the_end_of_the_front_matter_and_all_else_stays() -> None:
    text = "---\n# A remark.\ntitle:   'Example'  \nstatus: hidden\ntags:\n- one\n---\n\nText, status: x.\n---\n"
    assert retract(text, WHEN, 'It was "wrong": all of it.\nខ្មែរ') == (
        "---\n# A remark.\ntitle:   'Example'  \ntags:\n- one\nstatus: retracted\n"
        "retraction:\n  date: 2026-11-22 12:00\n"
        '  notice: "It was \\"wrong\\": all of it.\\nខ្មែរ"\n---\n\nText, status: x.\n---\n'
    )


def test_an_older_retraction_is_replaced_however_it_was_written() -> None:
    made = "---\ntitle: Example\nstatus: retracted\nretraction:\n  date: 2026-11-22 12:00\n---\nText.\n"
    for old in (
        "retraction: {date: 2026-01-01, notice: Old}\n",
        "retraction:\n  date: 2026-01-01\n  notice: >\n    Old\n\n    words\n",
        "retraction:\n    notice: Old\n    date: 2026-01-01\nstatus: retracted\n",
    ):
        assert retract(f"---\n{old}title: Example\n---\nText.\n", WHEN, "") == made
        assert retract(f"---\ntitle: Example\n{old}---\nText.\n", WHEN, "") == made


def test_lines_end_as_they_did() -> None:
    made = retract("---\r\ntitle: Example\r\nstatus: draft\r\n---\r\nText.\r\n", WHEN, "")
    assert made == (
        "---\r\ntitle: Example\r\nstatus: retracted\r\nretraction:\r\n  date: 2026-11-22 12:00\r\n---\r\nText.\r\n"
    )


def test_a_file_without_front_matter_is_refused() -> None:
    for text in ("Text.\n", "---\ntitle: Example\n", ""):
        with pytest.raises(ValueError, match="it has no front matter; put its fields between two lines of ---"):
            retract(text, WHEN, "")


@given(st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=60).map(str.strip))
def test_whatever_the_notice_says_is_read_again_as_it_was_written(notice: str) -> None:
    front = split(retract("---\ntitle: Example\n---\nText.\n", WHEN, notice))
    assert front.faults == []
    assert front.data["retraction"] == {"date": "2026-11-22 12:00", **({"notice": notice} if notice else {})}
