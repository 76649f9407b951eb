"""The fronts room's adapter: a Pelican generator that writes every page and file of the plan that is not one
document's own, and the environment that all templates are rendered in."""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateNotFound, TemplateSyntaxError
from pelican.generators import Generator

from newsroom.errors import Problem
from newsroom.fronts.components import quicken
from newsroom.fronts.templates import Templates

# Pelican's default lets a headline's <script> through, prints nothing for a misspelt name, and falls back to
# its own theme for a missing template.
JINJA_ENVIRONMENT: dict[str, Any] = {
    "autoescape": True,
    "undefined": StrictUndefined,
    "extensions": ["jinja2.ext.i18n"],
    "trim_blocks": True,
    "lstrip_blocks": True,
    "keep_trailing_newline": True,
}


TEMPLATES = (
    "base index category tag series author archives period_archives search article page contact corrections blocked "
    "not_found redirect retracted"
).split()


def template_problems(theme: Path, settings: Mapping[str, Any]) -> Iterator[Problem]:
    """Templates that are missing, and those that do not parse with the filters, tests and globals of the settings."""
    templates = theme / "templates"
    environment = Environment(loader=FileSystemLoader(str(templates)), **JINJA_ENVIRONMENT)  # noqa: S701 (it is on)
    for kind in ("filters", "tests", "globals"):
        getattr(environment, kind).update(settings.get(f"JINJA_{kind.upper()}", {}))
    wanted = [*TEMPLATES, *(["verify"] if settings.get("NEWSROOM", {}).get("root_key") else [])]
    for name in sorted({*environment.list_templates(), *(f"{each}.html" for each in wanted)}):
        shown = f"{theme.name}/templates/{name}"
        try:
            environment.get_template(name)
        except TemplateSyntaxError as error:
            yield Problem(shown, error.lineno, f"the template fails ({error.message})", "mend this line")
        except TemplateNotFound:
            yield Problem(shown, 1, "the template is missing", "add it to the theme")


def rendering_problem(error: Exception, theme: Path) -> Problem:
    """The template and line that an error while rendering comes from."""
    shown, line = f"{theme.name}/templates", 1
    for frame in traceback.extract_tb(error.__traceback__):
        if Path(frame.filename).is_relative_to(theme / "templates"):
            shown, line = f"{theme.name}/{Path(frame.filename).relative_to(theme).as_posix()}", frame.lineno or 1
    return Problem(shown, line, f"the template fails ({error})", "mend this line")


def prepare_environment(generator: Generator, known: Mapping[str, str]) -> None:
    """Templates come from our theme only, and speak gettext; `known` is what was found in their texts before."""
    generator.env.loader = FileSystemLoader(str(Path(generator.theme) / "templates"))
    generator.env.install_null_translations(newstyle=True)
    templates = Templates(generator.env, known)
    generator.env.extend(templates=templates)
    quicken(generator.env, templates)


class PlanGenerator(Generator):  # type: ignore[misc]
    """Has the writer write every file of the plan, in the environment of this generator."""

    def generate_output(self, writer: Any) -> None:
        writer.write_plan(self)
