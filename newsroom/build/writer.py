"""Pelican's writer, with the plan's values for each page and a way to write bytes."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

from pelican.utils import sanitised_join
from pelican.writers import Writer

Values = Callable[[str], Mapping[str, Any]]  # a page's file → the values that its template may name


def make_writer(values: Values, progress: Callable[[str], None]) -> type[Writer]:
    """A writer class whose pages are rendered with `values(file)`; `progress(file)` is told of each."""

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
            super().write_file(name, template, context, relative_urls=True, **{**kwargs, **values(name)})
            progress(name)

        def write_bytes(self, name: str, data: bytes) -> None:
            """Write a file that no template makes."""
            path = sanitised_join(self.output_path, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            self._written_files.add(path)
            with open(path, "wb") as file:
                file.write(data)

    return PlannedWriter
