"""Templates for tests: environments, values that answer to anything, and generated little themes."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping
from typing import Any

from jinja2 import BaseLoader, DictLoader, Environment, FileSystemLoader, TemplateError, Undefined
from jinja2.runtime import Context
from markupsafe import Markup

from newsroom.articles.khmer import breakable
from newsroom.fronts.plugin import JINJA_ENVIRONMENT
from tests.support import ROOT

THEME = FileSystemLoader(ROOT / "theme" / "templates")
VALUES, MACROS = "abcd", "klmn"  # names, mostly, of a page's values and of macros


def environment(loader: BaseLoader | Mapping[str, str], **settings: Any) -> Environment:
    """An environment as builds have it."""
    loader = loader if isinstance(loader, BaseLoader) else DictLoader(loader)
    made = Environment(loader=loader, **{**JINJA_ENVIRONMENT, **settings})
    made.filters["breakable"] = breakable
    made.install_null_translations(newstyle=True)  # type: ignore[attr-defined]
    return made


class Anything:
    """A value that is true or not, counts two, holds itself under every name and answers itself."""

    def __init__(self, text: str, true: bool = True) -> None:
        self.text_of, self.true = text, true

    def __getattr__(self, name: str) -> Anything:
        if name.startswith("_"):
            raise AttributeError(name)
        return self

    def __getitem__(self, key: object) -> Anything:
        return self

    def __call__(self, *args: object, **kwargs: object) -> Anything:
        return self

    def __iter__(self) -> Iterator[Anything]:
        return iter((self, self))

    def __len__(self) -> int:
        return 2

    def __bool__(self) -> bool:
        return self.true

    def __str__(self) -> str:
        return self.text_of


class Lenient(Undefined):
    """A missing value that holds itself too, so that most little themes give a page."""

    def __getattr__(self, name: str) -> Lenient:
        if name.startswith("_"):
            raise AttributeError(name)
        return self

    def __getitem__(self, key: object) -> Lenient:
        return self

    def __call__(self, *args: object, **kwargs: object) -> Lenient:
        return self


def gettext(message: str, **values: object) -> Markup:
    return Markup(f"«{message}»") % values


def ngettext(one: str, many: str, num: object, **values: object) -> Markup:
    return Markup(f"«{many}»") % {"num": num, **values}


def record(environment: Environment) -> set[str]:
    """The names that are looked up in the environment's contexts from now on, except what the template set itself."""
    found: set[str] = set()

    class Recording(Context):
        def resolve_or_missing(self, key: str) -> Any:
            if key not in self.vars:
                found.add(key)
            return super().resolve_or_missing(key)

    environment.context_class = Recording
    return found


def outcome(environment: Environment, name: str, values: Mapping[str, Any]) -> str:
    """What rendering gives, or how it fails."""
    try:
        found = environment.get_template(name).render(values)
    except RecursionError:
        return "RecursionError: "
    except (TemplateError, TypeError) as error:
        found = f"{type(error).__name__}: {error}"
    return re.sub(r"(?i)0x\w+", "0x", found)


class LittleTheme:
    """Templates that extend, include and import one another and use the same few names for everything.

    The same `seed` gives the same texts. None comes back to itself: each names only those after it.
    """

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self.texts = {"last": "{% macro k(u='t') %}{{ a }}{{ u }}{% endmacro %}"}
        for name in ("third", "second", "first"):
            self.texts[name] = self._component() if self._random.random() < 0.8 else self._statements(2)
        self.texts["part"] = self._statements(2)
        self.texts["base"] = self._document(child=False)
        self.texts["page"] = self._document(child=self._random.random() < 0.7)

    def values(self) -> dict[str, Any]:
        """A page's values, some of them missing."""
        kinds = ["<v>", Markup("<b>v</b>"), 1, Anything("y<"), Anything("y'"), Anything("z"), Anything("n", true=False)]
        held = {name: self._random.choice(kinds) for name in VALUES if self._random.random() < 0.7}
        held |= {name: Anything(f"{name}<") for name in MACROS if self._random.random() < 0.2}
        return {"gettext": gettext, "ngettext": ngettext, **held}

    def _name(self, mostly: str = VALUES) -> str:
        return self._random.choice(mostly if self._random.random() < 0.8 else VALUES + MACROS)

    def _fill(self, *shapes: str, depth: int = 0) -> str:
        """One of the shapes: V becomes a value's name, M or C a macro's, P a module's, E an expression and so on."""
        fillers = {
            "V": self._name,
            "C": lambda: self._random.choice(MACROS),
            "P": lambda: self._random.choice("pq"),
            "M": lambda: self._name(MACROS),
            "E": lambda: self._expression(depth - 1),
            "S": lambda: self._statements(depth - 1),
            "T": lambda: self._random.choice([name for name in self.texts if name != "base"]),
        }
        return re.sub(r"\b[VMCPEST]\b", lambda found: fillers[found[0]](), self._random.choice(shapes))

    def _expression(self, depth: int) -> str:
        leaves = "V V V M '<t>' 1 range(2)|list caller() self loop _('word')".split()
        if depth < 0 or self._random.random() < 0.4:
            return self._fill(*leaves)
        calls = ["C(E)", "C(E)", "C(E)", "C(u=E)", "M(E)", "P.C(E)", "V.x", "_(E|string)"]
        filters = [
            "(E)|upper",
            "(E)|string|replace('t', E|string)",
            "(E)|default(E)",
            "[E]|map('upper')|map('string')|join",
            "E~E",
        ]
        return self._fill(
            *calls, *filters, "(E if V is defined else E)", "(E or E)", "[E, E]|map('string')|join", depth=depth
        )

    def _statements(self, depth: int) -> str:
        return "".join(self._statement(depth) for _ in range(self._random.randint(1, 3)))

    def _statement(self, depth: int) -> str:
        flat = ["t ", "{{ E }}", "{{ E }}", "{{ E }}", "{% set V = E %}", "{% trans %}w {{ V }}{% endtrans %}"]
        if depth < 0:
            return self._fill(*flat, depth=1)
        return self._fill(
            *flat,
            "{% trans V=E %}one{% pluralize %}more{% endtrans %}",
            "{% set V %}S{% endset %}",
            "{% if E %}S{% else %}S{% endif %}",
            "{% if E %}{% set V = E %}{% endif %}",
            "{% for V in [E, E] %}S{{ loop.index }}{% endfor %}",
            "{% for V in [E] if E %}S{% else %}S{% endfor %}",
            "{% with V = E, V = E %}S{% endwith %}",
            "{% call(V) C(E) %}S{% endcall %}",
            "{% filter upper %}S{% endfilter %}",
            "{% autoescape false %}S{% endautoescape %}",
            "{% set ns = namespace(x=E) %}{% set ns.x = E %}{{ ns.x }}",
            "{% include 'T' %}",
            "{% include ['none', 'T'] ignore missing without context %}",
            self._macro(depth - 1),
            self._import(),
            depth=depth,
        )

    def _macro(self, depth: int = 1) -> str:
        return self._fill(
            "{% macro M(u='t', V=E) %}S{{ u }}{{ varargs|length }}{{ kwargs|length }}{% endmacro %}",
            "{% macro M(u=1) %}S{% if caller is defined %}{{ caller(u) }}{% endif %}{% endmacro %}",
            depth=depth,
        )

    def _import(self) -> str:
        usual = "{% from 'T' import M, M with context %}"
        others = (
            "{% from 'T' import M as M with context %}",
            "{% import 'T' as P with context %}",
            "{% from 'T' import M %}",
        )
        return self._fill(usual, usual, *others)

    def _component(self) -> str:
        """Imports and macros, and a name that belongs to both."""
        imports = [self._import() for _ in self.texts]
        return "".join([*imports, "{# note #}\n", *(self._macro() for _ in range(self._random.randint(1, 2)))])

    def _document(self, child: bool) -> str:
        """A page with two blocks, one of them in a loop."""
        first = "{% extends 'base' %}" if child else ""
        block = "{% block one %}S{% endblock %}", "{% block one %}S{{ super() }}{% endblock %}" if child else "S"
        scoped = "{% for V in [1] %}{% block two scoped %}S{% endblock %}{% endfor %}"
        return (
            first
            + self._import()
            + self._import()
            + self._fill("S{{ M(E) }}" + self._random.choice(block) + scoped, depth=2)
        )
