"""What a template depends on: a name that is missed is a stale page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from jinja2 import FileSystemLoader, pass_context

from newsroom.fronts import templates
from newsroom.fronts.templates import Reading, Templates
from tests.templating import THEME, Anything, Lenient, LittleTheme, environment, gettext, ngettext, outcome, record


def names(text: str, **others: str) -> set[str] | None:
    """The names of the template `page` with that text, beside others."""
    found = Templates(environment({"page": text, **others})).names("page")
    return None if found is None else set(found)


def closure(text: str, **others: str) -> set[str] | None:
    found = Templates(environment({"page": text, **others})).closure("page")
    return None if found is None else set(found)


def test_a_closure_holds_what_is_extended_included_and_imported_through_all_levels() -> None:
    others = {"base": "{% include 'foot' %}", "foot": "", "card": "{% import 'kicker' as k %}", "kicker": "", "far": ""}
    text = "{% extends 'base' %}{% block x %}{% if y %}{% from 'card' import z with context %}{% endif %}{% endblock %}"
    assert closure(text, **others) == {"page", "base", "foot", "card", "kicker"}


def test_a_closure_holds_what_need_not_be_there() -> None:
    assert closure("{% include 'none' ignore missing %}{% include ['a', 'b'] %}", b="") == {"page", "none", "a", "b"}


def test_a_closure_ends_though_templates_name_each_other_in_circles() -> None:
    assert closure("{% include 'a' %}", a="{% include 'page' %}{% include 'a' %}{{ x }}") == {"page", "a"}
    assert names("{% include 'a' %}", a="{% include 'page' %}{% include 'a' %}{{ x }}") == {"x"}


@pytest.mark.parametrize(
    "text",
    [
        "{% extends base %}",
        "{% extends 'a' if b else 'b' %}",
        "{% include part %}",
        "{% include ['a', part] %}",
        "{% include 'a' ~ '.html' %}",
        "{% include part ignore missing %}",
        "{% import part as p %}",
        "{% from part import p with context %}",
        "{% macro m() %}{% include part %}{% endmacro %}",
        "{% include 'a' %}{% include 'dynamic' %}",
        "{% include 'broken' %}",
        "{% if %}",
        "{{ x|nonsense }}",
    ],
)
def test_what_cannot_be_known_is_not_guessed(text: str) -> None:
    others = {"a": "", "dynamic": "{% include part %}", "broken": "{% for %}"}
    assert closure(text, **others) is None
    assert names(text, **others) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ a.b }}{{ c['d'] }}{{ e.f(g)|default(h) }}", "a c e g h"),
        ("{{ a is defined }}{% if b is c %}{% endif %}", "a b"),
        ("{% set a = b %}{{ a }}", "b"),
        ("{{ a }}{% set a = b %}", "a b"),
        ("{% set a %}{{ b }}{% endset %}{{ a }}", "b"),
        ("{% set a = a or b %}{{ a }}", "a b"),
        ("{% if a %}{% set b = c %}{% endif %}{{ b }}", "a b c"),
        ("{% for a in b %}{{ a }}{{ loop.index }}{% else %}{{ a }}{% endfor %}", "a b"),
        ("{% for a, b in c if d %}{{ a }}{{ b }}{% endfor %}{{ b }}", "b c d"),
        ("{% for a in b recursive %}{{ loop(a.c) }}{% endfor %}", "b"),
        ("{{ loop }}{{ caller }}", "caller loop"),
        ("{% with a = b, c = a %}{{ c }}{% endwith %}{{ c }}", "a b c"),
        ("{% macro m(a, b=c) %}{{ a }}{{ b }}{{ d }}{{ varargs }}{{ kwargs }}{{ caller() }}{% endmacro %}", "c d"),
        ("{% macro m(a) %}{{ caller(a) }}{% endmacro %}{% call(b) m(c) %}{{ b }}{{ d }}{% endcall %}", "c d"),
        ("{% set n = namespace(a=b) %}{% for c in d %}{% set n.a = c %}{% endfor %}{{ n.a }}", "b d namespace"),
        ("{% filter replace(a, b) %}{{ c }}{% endfilter %}", "a b c"),
        ("{% block a %}{{ b }}{{ super() }}{{ self.a() }}{% endblock %}", "b"),
        ("{% for a in b %}{% block c scoped %}{{ a }}{% endblock %}{% endfor %}", "a b"),
        ("{% for a in range(b) %}{% endfor %}{{ dict(c=d) }}{{ lipsum }}", "b d dict lipsum range"),
        ("{{ cycler(a) }}{{ joiner(b) }}", "a b cycler joiner"),
        ("{{ _('word') }}", "_ gettext"),
        ("{% trans %}word{% endtrans %}", "gettext"),
        ("{% trans n=a %}one{% pluralize %}{{ n }} {{ b }}{% endtrans %}", "a b ngettext"),
        ("{{ a|map('upper')|select('in', b)|join(c) }}", "a b c"),
        ("{% autoescape a %}{{ b }}{% endautoescape %}", "a b"),
        ("{{ true }}{{ none }}{{ 'a' }}{# b #}{% raw %}{{ c }}{% endraw %}", ""),
    ],
)
def test_the_names_are_those_that_may_be_looked_up(text: str, expected: str) -> None:
    assert names(text) == set(expected.split())


def test_names_come_from_every_template_of_the_closure() -> None:
    others = {
        "base": "{{ head }}{% block main %}{{ standard }}{% endblock %}",
        "card": "{% from 'kicker' import kicker with context %}{% macro card(item) %}{{ SITEURL }}{% endmacro %}",
        "kicker": "{% macro kicker(label) %}{{ label }}{{ site }}{% endmacro %}",
        "part": "{{ shown }}{{ here }}",
    }
    text = (
        "{% extends 'base' %}{% from 'card' import card as shown with context %}{% set here = there %}"
        "{% block main %}{{ shown(article) }}{% include 'part' %}{% endblock %}"
    )
    found = names(text, **others)
    assert found is not None
    assert found >= {"head", "standard", "SITEURL", "site", "there", "article"}
    assert not found & {"item", "label", "card"}


def test_a_name_that_a_child_sets_counts_where_the_parent_looks_it_up() -> None:
    assert names("{% extends 'base' %}{% set a = b %}", base="{{ a }}") == {"a", "b"}


class Reader:
    """What looks into the context when it is called."""

    @pass_context
    def __call__(self, context: Any, *args: object) -> str:
        return str(context.get("secret"))


@pass_context
def reads(context: Any, *args: object) -> str:
    return str(context.get("secret"))


@pytest.mark.parametrize(
    "text",
    [
        "{{ reads() }}",
        "{{ reader() }}",
        "{{ holder.reads() }}",
        "{% set r = reads %}{{ r() }}",
        "{{ 1|reads }}",
        "{% filter reads %}{% endfilter %}",
        "{{ [1]|map('re' ~ 'ads')|join }}",
        "{{ [1]|select(test)|join }}",
        "{{ 1 is reads }}",
        "{% debug %}",
        "{% include 'part' %}",
    ],
)
def test_names_cannot_be_known_where_something_is_handed_the_whole_context(text: str) -> None:
    made = environment({"page": text, "part": "{{ reads() }}"}, extensions=["jinja2.ext.i18n", "jinja2.ext.debug"])
    made.globals |= {"reads": reads, "reader": Reader(), "holder": {"reads": reads}}
    made.filters["reads"] = made.tests["reads"] = reads
    assert Templates(made).names("page") is None
    assert Templates(made).closure("page") is not None


def test_an_environments_own_plain_globals_and_filters_do_no_harm() -> None:
    made = environment({"page": "{{ year }}{{ plain(a|plain) }}{{ b|map('upper') }}{{ 1 is plain }}"})
    made.globals |= {"year": 2026, "plain": gettext}
    made.filters["plain"] = made.tests["plain"] = gettext
    assert Templates(made).names("page") == {"year", "plain", "a", "b"}


def test_a_fingerprint_changes_with_every_text_of_the_closure_and_with_no_other() -> None:
    texts = {"page": "{% extends 'base' %}", "base": "{% include 'part' ignore missing %}", "other": ""}

    def fingerprint(**changed: str) -> bytes:
        return Templates(environment({**texts, **changed})).fingerprint("page")

    same = fingerprint()
    assert fingerprint() == fingerprint(other="x") == same
    different = [fingerprint(page="{% extends 'base' %} "), fingerprint(base=""), fingerprint(part=""), same]
    assert len({*different, fingerprint(part="null"), fingerprint(part="x")}) == 6


def test_a_fingerprint_holds_every_template_where_the_closure_cannot_be_known() -> None:
    def fingerprint(**others: str) -> bytes:
        return Templates(environment({"page": "{% include part %}", **others})).fingerprint("page")

    assert len({fingerprint(), fingerprint(a=""), fingerprint(b=""), fingerprint(a="x")}) == 4


def test_a_file_that_changes_is_seen_by_the_next_build(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("{{ a }}", encoding="utf-8")
    made = environment(FileSystemLoader(tmp_path))
    first = Templates(made)
    before = first.names("page.html"), first.fingerprint("page.html")
    page.write_text("{{ b }}", encoding="utf-8")
    assert (first.names("page.html"), first.fingerprint("page.html")) == before
    second = Templates(made, first.kept)
    assert second.names("page.html") == {"b"}
    assert second.fingerprint("page.html") != before[1]


def test_what_was_read_is_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    first = Templates(environment(THEME))
    expected = [(first.names(name), first.is_stateless(name)) for name in environment(THEME).list_templates()]
    monkeypatch.setattr(templates, "read", None)
    second = Templates(environment(THEME), first.kept)
    assert [(second.names(name), second.is_stateless(name)) for name in environment(THEME).list_templates()] == expected
    assert second.kept == first.kept


@pytest.mark.parametrize("kept", ["", "null", "[1]", "{", '{"names": 5}', '{"nonsense": []}', '"text"'])
def test_what_was_kept_but_is_damaged_is_read_again(kept: str) -> None:
    made = environment({"page": "{{ a }}"})
    (key,) = (first := Templates(made)).names("page") and first.kept
    assert Templates(made, {key: kept}).names("page") == {"a"}


def test_what_was_kept_for_another_syntax_is_not_taken() -> None:
    text = {"page": "{{ a }}[[ b ]]"}
    first = Templates(environment(text))
    assert first.names("page") == {"a"}
    second = Templates(environment(text, variable_start_string="[[", variable_end_string="]]"), first.kept)
    assert second.names("page") == {"b"}


def test_kept_readings_hold_only_what_this_build_read() -> None:
    first = Templates(environment({"page": "{{ a }}"}))
    first.names("page")
    second = Templates(environment({"page": "{{ b }}"}), first.kept)
    second.names("page")
    assert len(second.kept) == 1
    assert first.kept.keys().isdisjoint(second.kept)


def test_a_text_that_does_not_parse_says_nothing() -> None:
    assert templates.read("{% if %}", environment({})) == Reading()


@pytest.mark.parametrize(
    ("text", "stateless"),
    [
        ("{# note #}\n{% macro m(a=b) %}{{ c }}{% endmacro %}\n", True),
        ("{% from 'plain' import p with context %}{% macro m() %}{{ p() }}{% endmacro %}", True),
        ("{% import 'plain' as p with context %}{% macro m() %}{{ p.p() }}{% endmacro %}", True),
        ("{{ a }}{% macro m() %}{% endmacro %}", False),
        ("{% set a = 1 %}{% macro m() %}{{ a }}{% endmacro %}", False),
        ("{% if a %}{% macro m() %}{% endmacro %}{% endif %}", False),
        ("{% from 'setting' import p with context %}{% macro m() %}{{ p() }}{% endmacro %}", False),
        ("{% from 'plain' import p with context %}{% macro here() %}{% endmacro %}", False),
        ("{% macro m() %}{{ x|reads }}{% endmacro %}", False),
        ("{% macro m() %}{% include part %}{% endmacro %}", False),
    ],
)
def test_a_stateless_template_holds_macros_that_see_the_same_whoever_imports_them(text: str, stateless: bool) -> None:
    plain = "{% macro p() %}{{ here }}{% endmacro %}"
    made = environment({"page": text, "plain": plain, "setting": "{% set s = here %}{% macro p() %}{% endmacro %}"})
    made.filters["reads"] = reads
    assert Templates(made).is_stateless("page") is stateless


def test_every_component_of_the_theme_is_stateless() -> None:
    read = Templates(environment(THEME))
    components = [name for name in environment(THEME).list_templates() if name.startswith("components/")]
    assert [name for name in components if not read.is_stateless(name)] == []


@pytest.mark.parametrize("true", [True, False])
@pytest.mark.parametrize("name", [each for each in environment(THEME).list_templates() if "/" not in each])
def test_the_themes_templates_look_up_nothing_but_their_names(name: str, true: bool) -> None:
    made = environment(THEME)
    read = Templates(made)
    known = read.names(name)
    assert known is not None
    assert len(known) < 50
    looked_up = record(made)
    values = {each: Anything("x<", true) for each in known - {"_"}} | {"gettext": gettext, "ngettext": ngettext}
    page = made.get_template(name).render(values)
    assert looked_up <= known
    assert looked_up >= {"head", "site", "SITEURL"}
    assert page == made.get_template(name).render({**values, **{f"SETTING_{n}": n for n in range(250)}})


@pytest.mark.parametrize("seed", range(0, 80, 40))
def test_nothing_is_looked_up_that_is_not_among_the_names(seed: int) -> None:
    for each in range(seed, seed + 40):
        theme = LittleTheme(each)
        made = environment(theme.texts, undefined=Lenient)
        known = Templates(made).names("page")
        looked_up = record(made)
        values = theme.values()
        whole = outcome(made, "page", values)
        assert known is not None
        assert looked_up <= known, each
        assert outcome(made, "page", {name: values[name] for name in values.keys() & known}) == whole, each
