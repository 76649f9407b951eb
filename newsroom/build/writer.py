"""Pelican's writer, with the plan's values for each page and a way to write bytes."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import TemplateError
from pelican.utils import sanitised_join
from pelican.writers import Writer

from newsroom.errors import BuildFailed, Problem

Values = Callable[[str], Mapping[str, Any]]  # a page's file → the values that its template may name


def make_writer(
    values: Values, progress: Callable[[str], None], problem_of: Callable[[Exception], Problem]
) -> type[Writer]:
    """A writer class whose pages are rendered with `values(file)`; `progress(file)` is told of each, and
    `problem_of(error)` says where a template fails."""

    class PlannedWriter(Writer):  # type: ignore[misc]
        def write_file(
            self,
            name: str,
            template: Any,
            context: dict[str, Any],
            relative_urls: bool = False,
            **kwargs: Any,
        ) -> None:
            del relative_urls  # always: the output must open from disk and below any path
            if not name:  # a setting that is off
                return
            try:
                super().write_file(name, template, context, relative_urls=True, **{**kwargs, **values(name)})
            except TemplateError as error:
                raise BuildFailed([problem_of(error)]) from error
            progress(name)

        def write_bytes(self, name: str, data: bytes) -> None:
            """Write a file that no template makes."""
            path = sanitised_join(self.output_path, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            self._written_files.add(path)
            with open(path, "wb") as file:
                file.write(data)

    return PlannedWriter
