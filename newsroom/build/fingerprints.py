"""Digests of what every page depends on: this program with its libraries, the settings, the theme."""

from __future__ import annotations

import hashlib
import inspect
import sys
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from newsroom.files import digest

_PACKAGE = Path(__file__).resolve().parents[1]
LIBRARIES = (
    "pelican Markdown pymdown-extensions typogrify smartypants nh3 PyYAML pydantic msgspec Jinja2 MarkupSafe Babel "
    "feedgenerator Pillow Unidecode khmercut python-crfsuite resvg_py defusedxml"
).split()
# Settings that say where a build takes place, which no byte of the output depends on.
_PLACES = frozenset("PATH THEME OUTPUT_PATH CACHE_PATH PLUGIN_PATHS THEME_TEMPLATES_OVERRIDES DEBUG LOG_FILTER".split())


@cache
def program() -> bytes:
    """A digest of this package's sources, of the versions of the libraries it uses, and of Python's."""
    made = hashlib.blake2b(digest_size=16)
    for path in sorted(_PACKAGE.rglob("*.py")):
        made.update(f"{path.relative_to(_PACKAGE)}\0{digest(path.read_bytes())}\0".encode())
    for name in LIBRARIES:
        made.update(f"{name}\0{_version(name)}\0".encode())
    made.update(repr(sys.version_info).encode())
    return made.digest()


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def settings_digest(settings: Mapping[str, Any], root: Path) -> bytes:
    """A digest of all settings of Pelican's kind, and of every module of the site's own, below `root`: functions of the
    settings may call them."""
    made = hashlib.blake2b(digest_size=16)
    for name in sorted(settings):
        if name.isupper() and name not in _PLACES and not name.startswith("NEWSROOM_"):
            made.update(f"{name}\0{_written(settings[name])}\0".encode("utf-8", "surrogateescape"))
    for path in sorted(_own_modules(root)):
        made.update(f"{path.name}\0{digest(path.read_bytes())}\0".encode())
    return made.digest()


def _own_modules(root: Path) -> set[Path]:
    """The source files below `root` that were imported, and what defines settings; not this package or libraries."""
    found = {Path(name) for module in list(sys.modules.values()) if (name := getattr(module, "__file__", None))}
    found |= set(root.glob("*conf.py"))
    own = {path for path in found if path.is_relative_to(root) and path.suffix == ".py" and path.is_file()}
    own -= {root / "tasks.py"}  # the commands, which Pelican's own does without
    return {path for path in own if not path.is_relative_to(_PACKAGE) and "site-packages" not in path.parts}


def _written(value: Any) -> str:
    """A value as text: the same for equal values only. A function or class is what its source file says."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key!r}: {_written(each)}" for key, each in value.items()) + "}"
    if isinstance(value, (set, frozenset)):
        return "set(" + ", ".join(sorted(_written(each) for each in value)) + ")"
    if isinstance(value, (list, tuple)):
        return f"{type(value).__name__}(" + ", ".join(_written(each) for each in value) + ")"
    text = repr(value)
    return _source(value) if " at 0x" in text or callable(value) else text


@cache
def _file_digest(path: str) -> str:
    return digest(Path(path).read_bytes())


def _source(value: Any) -> str:
    """The name of a function, class or object and the digest of the file that defines it."""
    named = value if inspect.isroutine(value) or inspect.isclass(value) or inspect.ismodule(value) else type(value)
    name = f"{getattr(named, '__module__', '')}.{getattr(named, '__qualname__', getattr(named, '__name__', ''))}"
    try:
        path = inspect.getsourcefile(named)
        return f"{name} {_file_digest(path)}" if path else name
    except (TypeError, OSError):
        return name


def theme_digests(theme: Path) -> dict[str, bytes]:
    """A digest of every file of the theme, by its name from there."""
    return {
        path.relative_to(theme).as_posix(): hashlib.blake2b(path.read_bytes(), digest_size=16).digest()
        for path in sorted(theme.rglob("*"))
        if path.is_file()
    }
