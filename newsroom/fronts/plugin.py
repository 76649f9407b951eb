"""The fronts room's adapter: a Pelican generator that writes every page and file of the plan that is not one
document's own, and the environment that all templates are rendered in."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined
from pelican.generators import Generator

# Pelican's default lets a headline's <script> through, prints nothing for a misspelt name, and falls back to
# its own theme for a missing template.
JINJA_ENVIRONMENT = {
    "autoescape": True,
    "undefined": StrictUndefined,
    "extensions": ["jinja2.ext.i18n"],
    "trim_blocks": True,
    "lstrip_blocks": True,
    "keep_trailing_newline": True,
}


def prepare_environment(generator: Generator) -> None:
    """Templates come from our theme only, and speak gettext."""
    generator.env.loader = FileSystemLoader(str(Path(generator.theme) / "templates"))
    generator.env.install_null_translations(newstyle=True)


def make_generator(pages: Iterable[tuple[str, str]], files: Iterable[tuple[str, bytes]]) -> type[Generator]:
    """A generator class that writes `pages`, each (file, template), and `files`, each (file, bytes)."""

    class FrontsGenerator(Generator):  # type: ignore[misc]
        def generate_output(self, writer: Any) -> None:
            for url, data in files:
                writer.write_bytes(url, data)
            for url, template in pages:
                writer.write_file(url, self.get_template(template), self.context, relative_urls=True)

    return FrontsGenerator
