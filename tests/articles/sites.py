"""A site in memory: files in, and either the problems that a build reports or the finished pages."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from PIL import Image

from newsroom.build.release import unlock
from newsroom.config import STATE
from newsroom.errors import BuildFailed
from newsroom.plugin import prepare
from newsroom.state import State
from tests.support import ROOT

WRITER = "---\nname: A writer\n---\n\nBiography.\n"


def settings(folder: Path) -> dict[str, Any]:
    """The settings of a small site in two languages below `folder`."""
    return {
        "SITENAME": "Site",
        "SITEURL": "https://site.test",
        "TIMEZONE": "Asia/Phnom_Penh",
        "PATH": str(folder / "content"),
        "THEME": str(ROOT / "theme"),
        "OUTPUT_PATH": str(folder / "output"),
        "THEME_STATIC_DIR": "theme",
        "ARTICLE_SAVE_AS": "{date:%Y}/{date:%m}/{slug}.html",
        "PAGE_SAVE_AS": "{slug}.html",
        "DEFAULT_PAGINATION": 20,
        "FEED_MAX_ITEMS": 20,
        "PLUGINS": ["newsroom.plugin"],
        "NEWSROOM": {
            "languages": ["en", "km"],
            "sections": {"politics": {"en": "Politics"}, "press-freedom": {"en": "Press freedom"}},
            "contact": {"email": "desk@site.test"},
            "feed_authority": "site.test,2021",
        },
    }


def write(folder: Path, files: Mapping[str, bytes | str]) -> None:
    """Write files such as `content/articles/2026/01/x.md`, and the author's that every article needs."""
    author = {} if (folder / "content/authors/writer.md").exists() else {"content/authors/writer.md": WRITER}
    for name, text in {**author, **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)


def plan(folder: Path) -> State:
    """What a build of the site would write. Raises BuildFailed with its problems."""
    pelican = SimpleNamespace(settings=settings(folder), delete_outputdir=False, output_path="")
    prepare(pelican)  # type: ignore[arg-type]  # all that it asks of Pelican
    unlock(folder)
    return pelican.settings[STATE]


def problems(folder: Path) -> list[str]:
    """What a build of the site would complain of, as it prints it."""
    try:
        plan(folder)
    except BuildFailed as failed:
        return [str(problem) for problem in failed.problems]
    return []


def body(state: State, source: str = "articles/2026/01/x.md") -> str:
    """The finished HTML of a document's body."""
    values = state.site.plan[state.site.public[source].url].make()
    assert not isinstance(values, bytes)
    return str(values["article" if "article" in values else "page"].body)


def picture(size: tuple[int, int] = (40, 30)) -> bytes:
    """A small JPEG."""
    out = io.BytesIO()
    Image.new("RGB", size, (90, 120, 150)).save(out, "JPEG")
    return out.getvalue()
