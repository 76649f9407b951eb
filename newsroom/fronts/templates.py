"""What a template depends on: the templates it is put together from, and the names it may look up."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import BuiltinFunctionType, FunctionType, MappingProxyType
from typing import Any, TypeVar

import jinja2
from jinja2 import DictLoader, Environment, TemplateNotFound, TemplateSyntaxError, meta, nodes, pass_context
from jinja2.defaults import DEFAULT_NAMESPACE
from jinja2.filters import FILTERS
from jinja2.tests import TESTS

Answer = TypeVar("Answer")

# What an extension puts into a syntax tree may be handed the whole context, as {% debug %} is.
_FOREIGN = (
    nodes.ContextReference,
    nodes.DerivedContextReference,
    nodes.EnvironmentAttribute,
    nodes.ExtensionAttribute,
    nodes.ImportedName,
    nodes.InternalName,
)
_PLAIN = (str, int, float, type(None), FunctionType, BuiltinFunctionType)
_CONTEXT = pass_context(lambda context: None).jinja_pass_arg  # type: ignore[attr-defined] # how Jinja marks them
_SYNTAX = (
    "block_start_string block_end_string variable_start_string variable_end_string comment_start_string "
    "comment_end_string line_statement_prefix line_comment_prefix trim_blocks lstrip_blocks newline_sequence "
    "keep_trailing_newline newstyle_gettext newstyle_trimmed"
).split()


@dataclass(frozen=True)
class Reading:
    """What one template's own text says, as plain data; a text that does not parse says nothing.

    `references` holds a None for each template that is no constant. `calls` are the filters and tests. `foreign`: an
    extension's tag stands in it. `defines` are the names of a template that holds only macros and imports, so that
    nothing is looked up before a macro is called; None for any other.
    """

    references: tuple[str | None, ...] = (None,)
    names: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
    foreign: bool = True
    defines: tuple[str, ...] | None = None


class Templates:
    """The templates of an environment as they are during one build: make a new one for the next.

    `kept` holds what was read out of each text, as JSON under a digest: hand it to the next build as `known`.

    No answer covers what the environment itself holds (settings, globals, filters, tests, the version of Jinja), nor
    what a page's value does with the context when a template calls it. A template that is missing has no text.
    """

    def __init__(self, environment: Environment, known: Mapping[str, str] = MappingProxyType({})) -> None:
        self.kept: dict[str, str] = {}
        self._environment = environment
        self._known = known
        self._sources: dict[str, str | None] = {}
        self._readings: dict[str, Reading] = {}
        self._closures: dict[str, frozenset[str] | None] = {}
        self._names: dict[str, frozenset[str] | None] = {}
        self._fingerprints: dict[str, bytes] = {}

    def closure(self, name: str) -> frozenset[str] | None:
        """The template with all that it extends, includes and imports; None where one of them is no constant."""
        return _once(self._closures, name, self._close)

    def names(self, name: str) -> frozenset[str] | None:
        """The names that rendering may look up in the context, and perhaps some that it never does.

        None where they cannot be known: any value of the page may count.
        """
        return _once(self._names, name, self._gather)

    def fingerprint(self, name: str) -> bytes:
        """A digest of the closure's texts; of every template there is, where the closure cannot be known."""
        return _once(self._fingerprints, name, self._digest)

    def is_stateless(self, name: str) -> bool:
        """Whether importing it gives the same macros for all pages: what they look up, they look up when called.

        No template of the closure may read what another one defines: who sees that depends on who imports whom.
        """
        found, names = self.closure(name), self.names(name)
        if found is None or names is None:
            return False
        defined = [self._read(each).defines for each in found]
        return all(each is not None and names.isdisjoint(each) for each in defined)

    def _close(self, name: str) -> frozenset[str] | None:
        found, waiting = {name}, [name]
        while waiting:
            for each in self._read(waiting.pop()).references:
                if each is None:
                    return None
                if each not in found:
                    found.add(each)
                    waiting.append(each)
        return frozenset(found)

    def _gather(self, name: str) -> frozenset[str] | None:
        closure = self.closure(name)
        if closure is None:
            return None
        readings = [self._read(each) for each in closure]
        if any(self._takes_all(each) for each in readings):
            return None
        found = {each for reading in readings for each in reading.names}
        return frozenset(found | {"gettext"} if "_" in found else found)  # what `_` of the i18n extension calls

    def _takes_all(self, reading: Reading) -> bool:
        """Whether something that the text names is handed the whole context by the environment."""
        held = self._environment.globals
        return (
            reading.foreign
            or any(each in held and _may_take_context(each, held[each]) for each in reading.names)
            or any(each in self._takers for each in reading.calls)
        )

    @cached_property
    def _takers(self) -> frozenset[str]:
        """The filters and tests that may look names up.

        Jinja's own that take the context (`map`, `select`) only hand it to others, which they find by any name.
        """
        held = {**self._environment.filters, **self._environment.tests}
        takers = {name for name, call in held.items() if _takes_context(call)}
        own = {name for name in takers if held[name] in (FILTERS.get(name), TESTS.get(name))}
        return frozenset() if takers == own else frozenset(takers)

    def _digest(self, name: str) -> bytes:
        closure = self.closure(name)
        digest = hashlib.blake2b(digest_size=16)
        for each in sorted(self._environment.list_templates() if closure is None else closure):
            source = self._source(each)
            digest.update(json.dumps([each, source]).encode())
        return digest.digest()

    def _source(self, name: str) -> str | None:
        return _once(self._sources, name, self._load)

    def _load(self, name: str) -> str | None:
        loader = self._environment.loader or DictLoader({})
        try:
            return loader.get_source(self._environment, name)[0]
        except TemplateNotFound:
            return None

    def _read(self, name: str) -> Reading:
        return _once(self._readings, name, self._recall)

    def _recall(self, name: str) -> Reading:
        source = self._source(name)
        if source is None:
            return Reading(references=(), foreign=False)
        key = hashlib.blake2b(json.dumps([self._syntax, source]).encode(), digest_size=16).hexdigest()
        reading = _decode(self._known.get(key, "")) or read(source, self._bare)
        self.kept[key] = json.dumps(vars(reading))
        return reading

    @cached_property
    def _syntax(self) -> list[Any]:
        settings = [getattr(self._environment, name, None) for name in _SYNTAX]
        return [jinja2.__version__, sorted(self._environment.extensions), *settings]

    @cached_property
    def _bare(self) -> Environment:
        """The environment without globals, which Jinja does not count as looked up; but a page's values come first."""
        bare = self._environment.overlay()
        bare.globals = {}
        return bare


def read(source: str, environment: Environment) -> Reading:
    """Read a template's text. The environment must hold no globals: their names would not be found."""
    try:
        tree = environment.parse(source)
        names = meta.find_undeclared_variables(tree)
    except TemplateSyntaxError:
        return Reading()
    references = set(meta.find_referenced_templates(tree))
    return Reading(
        references=tuple(sorted(references, key=lambda each: each or "")),
        names=tuple(sorted(names)),
        calls=tuple(sorted({each.name for each in tree.find_all((nodes.Filter, nodes.Test))})),
        foreign=any(True for _ in tree.find_all(_FOREIGN)),
        defines=_definitions(tree),
    )


def _decode(text: str) -> Reading | None:
    try:
        held = json.loads(text).items()
        fields: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in held}
        return Reading(**fields) if fields.keys() == vars(Reading()).keys() else None
    except (ValueError, TypeError, AttributeError):
        return None


def _definitions(tree: nodes.Template) -> tuple[str, ...] | None:
    found: list[str] = []
    for node in tree.body:
        if isinstance(node, nodes.Macro):
            found.append(node.name)
        elif isinstance(node, nodes.Import):
            found.append(node.target)
        elif isinstance(node, nodes.FromImport):
            found += [each if isinstance(each, str) else each[1] for each in node.names]
        elif not isinstance(node, nodes.Output) or any(not isinstance(each, nodes.TemplateData) for each in node.nodes):
            return None
    return tuple(sorted(found))


def _may_take_context(name: str, held: object) -> bool:
    """Whether a global, called or not, may be handed the context; Jinja's own only find gettext in it."""
    if held is DEFAULT_NAMESPACE.get(name) or getattr(held, "__module__", "") == "jinja2.ext":
        return False
    return _takes_context(held) or not isinstance(held, _PLAIN)


def _takes_context(called: object) -> bool:
    marked = (called, getattr(called, "__call__", None))  # noqa: B004 (an object's method may be marked)
    return any(getattr(each, "jinja_pass_arg", None) is _CONTEXT for each in marked)


def _once(made: dict[str, Answer], name: str, make: Callable[[str], Answer]) -> Answer:
    if name not in made:
        made[name] = make(name)
    return made[name]
