"""Pelican's writer: it has the plan rendered, and keeps Pelican's books as if it had written every file itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from jinja2 import TemplateError
from pelican import signals
from pelican.generators import Generator
from pelican.writers import Writer

from newsroom.errors import BuildFailed, Problem


def make_writer(
    render: Callable[[Generator], Iterable[tuple[str, str]]], problem_of: Callable[[Exception], Problem]
) -> type[Writer]:
    """A writer class. `render(generator)` writes what is out of date and answers every file with its path;
    `problem_of(error)` says where a template fails."""

    class PlannedWriter(Writer):  # type: ignore[misc]
        def write_plan(self, generator: Generator) -> None:
            """Write all of our files. Pelican and other plugins are told of those that were skipped, too."""
            for url, path in render(generator):
                self._written_files.add(path)
                if url.endswith(".html"):
                    signals.content_written.send(path, context=generator.context)

        def write_file(
            self, name: str, template: Any, context: dict[str, Any], relative_urls: bool = False, **kwargs: Any
        ) -> None:
            """Write a page of another plugin's generator."""
            del relative_urls  # always: the output must open from disk and below any path
            try:
                super().write_file(name, template, context, relative_urls=True, **kwargs)
            except TemplateError as error:
                raise BuildFailed([problem_of(error)]) from error

    return PlannedWriter
