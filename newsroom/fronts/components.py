"""Rendering with less work and the same bytes: components are imported once, not once a page.

`{% from "components/card.html" import card with context %}` runs the component's template anew on every page, and
those that it imports, though all that comes of it is a macro that looks `head` or SITEURL up when it is called. Here
such macros are made once, and find what they look up in the page that is being rendered.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jinja2 import Environment, Template, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.environment import TemplateModule
from jinja2.runtime import Context, Macro
from jinja2.utils import missing
from markupsafe import Markup, _escape_inner, escape  # type: ignore[attr-defined]

from newsroom.fronts.templates import Templates


def quicken(environment: Environment, templates: Templates) -> None:
    """Make an environment render faster, one page at a time. It no longer sees that a template's file changes."""
    environment.extend(components=Components(environment, templates))
    environment.template_class = QuickTemplate
    environment.context_class = QuickContext
    environment.code_generator_class = QuickCode
    environment.auto_reload = False


class Components:
    """The components of an environment that are the same for all pages, and the page that is being rendered."""

    page: Mapping[str, Any]  # while one is rendered: its values and the environment's globals

    def __init__(self, environment: Environment, templates: Templates) -> None:
        self.page = {}
        self._environment = environment
        self._templates = templates
        self._made: dict[str, tuple[TemplateModule, frozenset[str]] | None] = {}

    def find(self, context: Context, name: str) -> TemplateModule | None:
        """The template as a module, unless it has to be made for this page or could see what only `context` holds."""
        if name not in self._made:
            self._made[name] = self._make(name)
        made = self._made[name]
        if made is None or context.parent is not self.page or not made[1].isdisjoint(context.vars):
            return None
        return made[0]

    def forget(self) -> None:
        """An error in the middle of a macro leaves its settings (autoescape) as they were there."""
        self._made.clear()

    def _make(self, name: str) -> tuple[TemplateModule, frozenset[str]] | None:
        names = self._templates.names(name)
        if names is None or not self._templates.is_stateless(name):
            return None
        template = self._environment.get_template(name)
        context = ComponentContext(self._environment, {}, name, template.blocks, globals=template.globals)
        return TemplateModule(template, context), names


class QuickTemplate(Template):
    """A template that says what page is being rendered, and does not wrap the texts that it escapes."""

    @classmethod
    def from_code(cls, *args: Any, **kwargs: Any) -> Template:
        template = super().from_code(*args, **kwargs)
        template.root_render_func.__globals__["escape"] = escaped  # compiled code only joins what this answers
        return template

    def render(self, *args: Any, **kwargs: Any) -> str:
        context = self.new_context(dict(*args, **kwargs))
        components: Components = self.environment.components  # type: ignore[attr-defined]
        outer, components.page = components.page, context.parent
        try:
            return self.environment.concat(self.root_render_func(context))
        except Exception:
            components.forget()
            self.environment.handle_exception()
        finally:
            components.page = outer


class QuickContext(Context):
    """A context that calls macros without asking them what they want to be handed."""

    def call(self, called: Any, /, *args: Any, **kwargs: Any) -> Any:
        if type(called) is not Macro:
            return super().call(called, *args, **kwargs)
        kwargs.pop("_block_vars", None)
        kwargs.pop("_loop_vars", None)
        try:
            return called(self.eval_ctx, *args, **kwargs)
        except StopIteration:  # as in Jinja; or the page would end here
            return self.environment.undefined("value was undefined because a callable raised a StopIteration exception")


class ComponentContext(QuickContext):
    """The context of a component for all pages: its own macros, then the values of the page that is being rendered."""

    @property
    def parent(self) -> dict[str, Any]:
        return self.environment.components.page  # type: ignore[attr-defined, no-any-return]

    @parent.setter
    def parent(self, parent: dict[str, Any]) -> None:
        """Context sets it once; but it changes with the page."""

    def resolve_or_missing(self, key: str) -> Any:
        if key in self.vars:
            return self.vars[key]
        return self.environment.components.page.get(key, missing)  # type: ignore[attr-defined]


class QuickCode(CodeGenerator):
    """Compiles imports with context so that they first look for what was made before."""

    def _import_common(self, node: nodes.Import | nodes.FromImport, frame: Frame) -> None:
        name = node.template.value if isinstance(node.template, nodes.Const) else None
        if node.with_context and frame.toplevel and isinstance(name, str):
            self.write(f"environment.components.find(context, {name!r}) or ")
        super()._import_common(node, frame)


def escaped(value: Any) -> Any:
    """What `escape` answers, as any kind of text, and quicker."""
    kind = type(value)
    if kind is str:
        return _escape_inner(value)
    if kind is Markup:
        return value
    return str(value) if kind is int else escape(value)
