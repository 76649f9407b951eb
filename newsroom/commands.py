"""The commands that tasks.py calls, each answering an exit status; where a command needs two rooms, they meet here."""

from __future__ import annotations

import sys
from pathlib import Path

from newsroom.build.release import read_ledger, replace
from newsroom.build.run import build, clean, read_settings_file
from newsroom.desk.preview import serve_preview
from newsroom.publish.target import copy_site

__all__ = ["build", "clean", "publish", "serve"]

_PREVIEW = Path(".cache/preview")
_BUILD_PREVIEW = "import sys; from newsroom.build.run import build; sys.exit(build(output={!r}, drafts=True))"


def serve(port: int = 8000, open_browser: bool = False) -> int:
    """Serve a preview with drafts until interrupted. Each build is a process of its own, so that a changed
    template, setting or module counts."""
    command = [sys.executable, "-c", _BUILD_PREVIEW.format(str(_PREVIEW))]
    return serve_preview(command, _PREVIEW, port, open_browser)


def publish(settings: str = "publishconf.py") -> int:
    """Build as readers will get it, and copy the site to its host."""
    if status := build(settings):
        return status
    read = read_settings_file(settings)
    output = Path(read["OUTPUT_PATH"])
    return copy_site(output, sorted(read_ledger(output)), read["NEWSROOM"].get("publish_to", ""), replace)
