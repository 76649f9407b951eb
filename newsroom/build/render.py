"""Rendering: from a planned file to bytes in the staging folder, unless they would be those of the last build.

A page's key is a digest of its template with all that this extends, includes and imports, and of every value that the
template names. A template whose names cannot be known, and a value that cannot be written down, depend on everything.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import msgspec
from jinja2 import Template
from markupsafe import Markup

from newsroom.build.outputs import Made, Planned
from newsroom.errors import Problem


class Templates(Protocol):
    """What is known of templates by name; None where the names that one may read cannot be known."""

    def names(self, name: str) -> frozenset[str] | None: ...
    def fingerprint(self, name: str) -> bytes: ...


class Rendered(NamedTuple):
    """What came of a file: whether it was written to the staging folder, from what, and with which SHA-256."""

    url: str
    written: bool
    key: bytes
    parts: bytes
    shape: tuple[str, ...]
    digest: bytes


@dataclass
class Renderer:
    """Renders planned files into `folder`. `before` holds those that lie in the output as they were made.

    `context` are Pelican's values for every page; `page_values(url)` those that a page's place decides, such as
    SITEURL; `everything` is a digest of all sources and settings.
    """

    before: Mapping[str, Made]
    folder: Path
    templates: Templates
    get_template: Callable[[str], Template]
    context: Mapping[str, Any]
    page_values: Callable[[str], Mapping[str, Any]]
    problem_of: Callable[[Exception], Problem]
    everything: bytes
    base: bytes  # a digest of this program and the settings, filters among them
    settings: frozenset[str]  # the names in `context` that the settings put there
    folders: set[str] = field(default_factory=set)
    shapes: dict[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict)

    def render_batch(self, plan: Mapping[str, Planned], urls: Sequence[str]) -> list[Rendered | Problem]:
        """Render these files of the plan."""
        return [self.render(plan[url]) for url in urls]

    def render(self, planned: Planned) -> Rendered | Problem:
        """Render one file, or find that nothing in it changed."""
        url = planned.url
        old = self.before.get(url)
        made = planned.make()
        if isinstance(made, bytes):
            return self._finish(url, made, b"", b"", (), old)
        name = f"{planned.template}.html"
        values = self._values(url, name, made)
        shape, parts = self._parts(values)
        key = _digest(self.base + self.templates.fingerprint(name) + "\0".join(shape).encode() + parts)
        if old is not None and old.key == key:
            return Rendered(url, False, key, parts, shape, old.digest)
        try:
            page = self.get_template(name).render(values)
        except Exception as error:  # whatever a template, a filter or a test of the theme raises
            return self.problem_of(error)
        return self._finish(url, page.encode(), key, parts, shape, old)

    def rehearse(self, planned: Planned) -> None:
        """Render one file and forget it: what its template needs is made from then on. A build tells of mistakes."""
        with contextlib.suppress(Exception):
            made = planned.make()
            if not isinstance(made, bytes):
                name = f"{planned.template}.html"
                self.get_template(name).render(self._values(planned.url, name, made))

    def is_open(self, template: str) -> bool:
        """Whether the template may read what no recipe stands for: names that cannot be known, live objects, or what
        plugins put into the context."""
        names = self.templates.names(f"{template}.html")
        if names is None:
            return True
        return any(self._is_live(name) for name in names if name in self.context)

    def _is_live(self, name: str) -> bool:
        """Whether the value is no plain setting; what Pelican leaves empty, such as its dates, is none either."""
        value = self.context[name]
        return not _is_plain(value) or (name not in self.settings and bool(value))

    def _values(self, url: str, name: str, own: Mapping[str, Any]) -> dict[str, Any]:
        """The values that the template may read: the page's own before Pelican's."""
        names = self.templates.names(name)
        known = {**self.page_values(url), **own}
        if names is None:
            return {**self.context, **known, _EVERYTHING: self.everything}
        return {
            each: known[each] if each in known else self.context[each]
            for each in sorted(names)
            if each in known or each in self.context
        }

    def _parts(self, values: Mapping[str, Any]) -> tuple[tuple[str, ...], bytes]:
        """The names of values and of their fields, and eight bytes for each."""
        shape: list[str] = []
        parts: list[bytes] = []
        for name, value in values.items():
            names, attributes = _fields_of(name, value.__class__)
            shape += names
            parts += [self._digest_of(getattr(value, each)) for each in attributes] or [self._digest_of(value)]
        found = tuple(shape)
        return self.shapes.setdefault(found, found), b"".join(parts)  # one for all pages of a kind, kept and sent once

    def _digest_of(self, value: Any) -> bytes:
        try:
            data = _encode(value)
        except _UNWRITABLE:
            data = self.everything
        return hashlib.blake2b(data, digest_size=8).digest()

    def _finish(
        self, url: str, data: bytes, key: bytes, parts: bytes, shape: tuple[str, ...], old: Made | None
    ) -> Rendered:
        made = hashlib.sha256(data).digest()
        same = old is not None and old.digest == made
        if not same:
            self._write(url, data)
        return Rendered(url, not same, key, parts, shape, made)

    def _write(self, url: str, data: bytes) -> None:
        self._make_folder(os.path.dirname(url))
        handle = os.open(self.folder / url, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        with open(handle, "wb", buffering=0) as file:
            file.write(data)

    def _make_folder(self, folder: str) -> None:
        """Make a folder in the staging folder; never that one, which is gone if the build was killed."""
        if folder and folder not in self.folders:
            self._make_folder(os.path.dirname(folder))
            with contextlib.suppress(FileExistsError):
                os.mkdir(self.folder / folder)
            self.folders.add(folder)


_EVERYTHING = "everything"
_UNWRITABLE = (NotImplementedError, TypeError, ValueError, OverflowError, RecursionError)


@cache
def _fields_of(name: str, kind: type[object]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names under which a value of this kind is compared, and its attributes; none where it is compared whole."""
    attributes = tuple(each.name for each in fields(kind)) if is_dataclass(kind) else ()
    return tuple(f"{name}.{each}" for each in attributes) or (name,), attributes


def _is_plain(value: Any) -> bool:
    try:
        _encode(value)
    except _UNWRITABLE:
        return False
    return True


def _plain(value: Any) -> Any:
    """What msgspec cannot write by itself, told apart from what it can."""
    if isinstance(value, Markup):
        return ["markup", str(value)]
    owner = getattr(value, "__self__", None)
    if isinstance(catalog := getattr(owner, "digest", None), str):  # gettext and ngettext of a catalog
        return ["words", catalog, value.__name__]
    raise NotImplementedError


_encode = msgspec.msgpack.Encoder(enc_hook=_plain).encode


def _digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=16).digest()
