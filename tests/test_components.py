"""Quick rendering gives the same bytes as Jinja alone, page after page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from jinja2 import Environment, StrictUndefined, UndefinedError
from markupsafe import Markup, escape

from newsroom.fronts.components import escaped, quicken
from newsroom.fronts.templates import Templates
from tests.templating import THEME, Anything, Lenient, LittleTheme, environment, gettext, ngettext, outcome


def quick(*args: Any, **settings: Any) -> Environment:
    made = environment(*args, **settings)
    quicken(made, Templates(made))
    return made


def rendered(texts: dict[str, str], *values: dict[str, Any], count: int = 1) -> list[str]:
    """The pages with these values, rendered one after the other; as many components are kept as expected."""
    made = quick(texts)
    found = [made.get_template("page").render(each) for each in values]
    assert found == [environment(texts).get_template("page").render(each) for each in values]
    assert sum(each is not None for each in made.components._made.values()) == count  # type: ignore[attr-defined]
    return found


CARD = "{% macro card(item) %}{{ site }}:{{ item }} {% endmacro %}"
IMPORT = "{% from 'card' import card with context %}"


def test_a_component_is_made_once_and_sees_each_page() -> None:
    texts = {"page": IMPORT + "{{ card(item) }}", "card": CARD}
    assert rendered(texts, {"site": 1, "item": "a"}, {"site": 2, "item": "b"}) == ["1:a ", "2:b "]


def test_components_of_components_see_each_page_too() -> None:
    texts = {
        "page": "{% from 'cards' import cards with context %}{{ cards([1, 2]) }}",
        "cards": IMPORT + "{% macro cards(all) %}{% for each in all %}{{ card(each) }}{% endfor %}{% endmacro %}",
        "card": CARD,
    }
    assert rendered(texts, {"site": 1}, {"site": 2}, count=2) == ["1:1 1:2 ", "2:1 2:2 "]


def test_a_component_sees_what_the_page_set_before_importing_it() -> None:
    texts = {"page": "{% set site = mine %}" + IMPORT + "{{ card(0) }}", "card": CARD}
    assert rendered(texts, {"site": 1, "mine": 3}, {"site": 2, "mine": 4}) == ["3:0 ", "4:0 "]


def test_a_component_of_the_base_sees_what_the_child_set() -> None:
    texts = {"page": "{% extends 'base' %}{% set site = mine %}", "base": IMPORT + "{{ card(0) }}", "card": CARD}
    assert rendered(texts, {"site": 1, "mine": 3}, {"site": 2, "mine": 4}) == ["3:0 ", "4:0 "]


def test_a_component_that_computes_when_it_is_imported_is_made_for_every_page() -> None:
    texts = {"page": IMPORT + "{{ card(0) }}", "card": "{% set site = site + 1 %}" + CARD}
    assert rendered(texts, {"site": 1}, {"site": 5}, count=0) == ["2:0 ", "6:0 "]


def test_a_component_that_includes_sees_each_page() -> None:
    texts = {
        "page": IMPORT + "{% for n in [1] %}{% include 'part' %}{% endfor %}",
        "card": "{% macro card(n) %}{% include 'part' %}{% endmacro %}",
        "part": "{% from 'deep' import deep with context %}{{ n }}{{ deep() }}",
        "deep": "{% macro deep() %}{{ site }}{% endmacro %}",
    }
    assert rendered(texts, {"site": 1}, {"site": 2}) == ["11", "12"]


def test_a_page_that_is_rendered_inside_another_does_not_disturb_it() -> None:
    texts = {
        "page": IMPORT + "{{ card(1) }}{{ inner() }}{{ card(2) }}",
        "card": CARD,
        "other": IMPORT + "{{ card(3) }}",
    }
    made = quick(texts)

    def inner() -> str:
        return made.get_template("other").render(site="inner")

    assert made.get_template("page").render(site="outer", inner=inner) == "outer:1 inner:3 outer:2 "


def test_a_page_that_is_streamed_sees_its_own_values() -> None:
    made = quick({"page": IMPORT + "{{ card(1) }}", "card": CARD})
    template = made.get_template("page")
    assert template.render(site="whole") == "whole:1 "
    first, second = template.generate(site="first"), template.generate(site="second")
    assert "".join(second) == "second:1 "
    assert "".join(first) == "first:1 "


def test_an_error_leaves_nothing_behind() -> None:
    bold = "{% macro bold() %}<b>{% endmacro %}"
    card = "{% macro card(n) %}{{ bold() }}{% autoescape false %}{{ fail() }}{% endautoescape %}{% endmacro %}"
    made = quick({"page": IMPORT + "{{ card(1) }}", "card": bold + card})

    def fail() -> str:
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011 (it has no words)
        made.get_template("page").render(fail=fail)
    assert made.get_template("page").render(fail=str) == "<b>"


def test_a_misspelt_name_fails_in_the_components_own_line() -> None:
    made = quick({"page": IMPORT + "{{ card(1) }}", "card": "{% macro card(n) %}\n{{ nmae }}{% endmacro %}"})
    with pytest.raises(UndefinedError, match="'nmae' is undefined") as caught:
        made.get_template("page").render()
    assert [each.lineno + 1 for each in caught.traceback if str(each.path).endswith("<template>")] == [1, 2]


def test_a_component_that_is_missing_fails_as_ever() -> None:
    texts = {"page": IMPORT}
    assert outcome(quick(texts), "page", {}) == outcome(environment(texts), "page", {}) == "TemplateNotFound: card"


class Html:
    def __html__(self) -> str:
        return "<i>"


class Text(str):
    __slots__ = ()


@pytest.mark.parametrize(
    "value", ["a", "<&'\">", "", Markup("<b>"), 5, True, None, 1.5, Text("<"), Html(), ["<"], "ខ្មែរ<"]
)
def test_a_value_is_escaped_as_ever(value: object) -> None:
    assert str(escaped(value)) == str(escape(value))


@pytest.mark.parametrize("name", [each for each in environment(THEME).list_templates() if "/" not in each])
def test_the_themes_pages_are_the_same(name: str) -> None:
    plain, made = environment(THEME), quick(THEME)
    known = Templates(plain).names(name) or frozenset()

    def values() -> Iterator[dict[str, Any]]:
        for text, true in (("x<", True), ("y", False), ("z'", True)):
            yield {each: Anything(text, true) for each in known - {"_"}} | {"gettext": gettext, "ngettext": ngettext}

    for each in values():
        assert made.get_template(name).render(each) == plain.get_template(name).render(each)


@pytest.mark.parametrize("seed", range(0, 80, 40))
def test_pages_of_little_themes_are_the_same(seed: int) -> None:
    pages = kept = 0
    for each in range(seed, seed + 40):
        theme = LittleTheme(each)
        kind = StrictUndefined if each % 10 == 0 else Lenient
        plain, made = environment(theme.texts, undefined=kind), quick(theme.texts, undefined=kind)
        for _ in range(3):
            values = theme.values()
            expected = outcome(plain, "page", values)
            assert outcome(made, "page", values) == expected, each
            pages += "Error: " not in expected
        kept += any(made.components._made.values())  # type: ignore[attr-defined]
    assert pages > 40
    assert kept > 10
