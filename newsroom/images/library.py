"""The library: the pictures of a content folder, each read, checked and made once a build."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from newsroom.articles.schema import Picture
from newsroom.images.plan import plan
from newsroom.images.render import LARGEST, measure, render


@dataclass(frozen=True)
class _Made:
    picture: Picture
    data: bytes


class Library:
    """Answers what the other rooms ask about pictures, by their source path from content's root."""

    def __init__(self, content: Path) -> None:
        self._content = content
        self._made: dict[str, _Made | str] = {}

    def fault(self, source: str) -> str | None:
        """What is wrong with a picture that exists, as `message; remedy`: it is decoded whole to know."""
        made = self._look(source)
        return made if isinstance(made, str) else None

    def picture(self, source: str) -> Picture:
        """The published form of a picture. Raises ValueError for one with a fault."""
        return self._get(source).picture

    def rendition(self, source: str) -> bytes:
        """The bytes to publish. Raises ValueError for a picture with a fault."""
        return self._get(source).data

    def _get(self, source: str) -> _Made:
        made = self._look(source)
        if isinstance(made, str):
            raise ValueError(f"{source}: {made}")
        return made

    def _look(self, source: str) -> _Made | str:
        if source not in self._made:
            self._made[source] = self._make(source)
        return self._made[source]

    def _make(self, source: str) -> _Made | str:
        try:
            with (self._content / source).open("rb") as file:
                data = file.read(LARGEST + 1)
            size, form = measure(data)
            rendition = render(data, form)
            return _Made(plan(rendition, size, form), rendition)
        except ValueError as error:
            return str(error)
        except OSError as error:
            return f"cannot be read ({error.strerror}); mend its permissions"
