"""Front matter: any text gives fields or faults, and every field keeps its line."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from newsroom.articles.frontmatter import FrontMatter, split

PRINTABLE = st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["C", "Zl", "Zp"]), max_size=40)
NAMES = st.from_regex(r"[a-z][a-z_]{0,11}", fullmatch=True)
VALUES = st.recursive(
    PRINTABLE, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4), max_leaves=6
)
YAMLISH = st.text(alphabet=st.sampled_from("ab:-#[]{}'\"&*!|>%@`,? \n\t~<0\x85\u2028"), max_size=80)


@given(st.text(max_size=200) | YAMLISH.map(lambda text: f"---\n{text}\n---\nBody") | YAMLISH)
@settings(deadline=None)
def test_any_text_is_read_without_an_exception(text: str) -> None:
    front = split(text)
    last = text.count("\n") + 2
    for line, message, remedy in front.faults:
        assert 1 <= line <= last
        assert message
        assert remedy
        assert "\n" not in message + remedy


@given(st.dictionaries(NAMES, VALUES, min_size=1, max_size=5), PRINTABLE)
@settings(deadline=None, max_examples=60)
def test_what_yaml_writes_reads_back_as_text(fields: dict[str, Any], body: str) -> None:
    written = yaml.safe_dump(fields, allow_unicode=True, sort_keys=False, width=10**6, default_style='"')
    front = split(f"---\n{written}---\n{body}")
    assert not front.faults
    assert front.data == fields
    assert front.body == body
    lines = f"---\n{written}".split("\n")
    for name in fields:
        assert lines[front.lines[name] - 1].startswith((f'"{name}":', f'? "{name}"'))
    assert front.body_line == len(lines) + 1


def test_every_field_keeps_its_line() -> None:
    front = split("---\n\n# a comment\ntitle: T\nhero:\n  image: a.jpg\n\n  alt: A\ntags:\n- one\n- [two]\n---\nB")
    assert front.lines == {
        "title": 4,
        "hero": 5,
        "hero.image": 6,
        "hero.alt": 8,
        "tags": 9,
        "tags.0": 10,
        "tags.1": 11,
        "tags.1.0": 11,
    }
    assert (front.body_line, front.body) == (13, "B")


@pytest.mark.parametrize(
    "written", ["2021", "no", "null", "~", "0x10", "1e3", "2026-01-02", "true", "012", ".inf", "="]
)
def test_every_scalar_is_text(written: str) -> None:
    assert split(f"---\ntitle: {written}\n---\n").data == {"title": written}


@pytest.mark.parametrize("tag", ["!!python/object/apply:os.system", "!!python/name:os.system", "!!binary", "!own"])
def test_a_tag_of_yaml_makes_no_object(tag: str) -> None:
    front = split(f"---\ntitle: {tag} 'x'\n---\n")
    assert front.faults or front.data == {"title": "x"}


def test_a_merge_key_merges_nothing() -> None:
    assert split("---\n<<: {title: T}\n---\n").data == {"<<": {"title": "T"}}


def test_dashes_in_the_body_do_not_end_the_front_matter_again() -> None:
    front = split("---\ntitle: T\n---\nOne\n\n---\n\nTwo\n---\n")
    assert front.body == "One\n\n---\n\nTwo\n---\n"


@pytest.mark.parametrize("depth", range(50, 1500, 50))
def test_deep_nesting_is_read_or_refused(depth: int) -> None:
    front: FrontMatter = split(f"---\ntitle: {'{a: ' * depth}x{'}' * depth}\n---\n")
    assert front.data or front.faults
