"""The commands that tasks.py calls, each answering an exit status; where a command needs two rooms, they meet here."""

from __future__ import annotations

import json
import logging
import os
import select
import signal
import sys
import time
from pathlib import Path

from newsroom.build.progress import BuildProgress
from newsroom.build.release import read_ledger, replace
from newsroom.build.run import build, clean, read_settings_file
from newsroom.desk.preview import serve_preview
from newsroom.errors import BuildFailed
from newsroom.publish.target import copy_site
from newsroom.session import Session, failed

__all__ = ["build", "clean", "follow", "publish", "serve"]

_PREVIEW = Path(".cache/preview")
_FOLLOW = "import sys; from newsroom.commands import follow; sys.exit(follow({!r}))"


def serve(port: int = 8000, open_browser: bool = False) -> int:
    """Serve a preview with drafts until interrupted. One process of its own makes all builds, from what it has in
    memory; a changed setting or module starts it anew."""
    return serve_preview([sys.executable, "-c", _FOLLOW.format(str(_PREVIEW))], _PREVIEW, port, open_browser)


def follow(output: str) -> int:
    """Build previews as standard input asks: each line is a list of changed files in JSON, or null; each is answered
    with a line of standard output, {"failed": …, "said": …}."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the preview too, which ends this process
    logging.basicConfig(format="%(message)s", level=logging.WARNING, stream=sys.stderr, force=True)
    session = Session(output=output, drafts=True)
    while line := _asked(session):
        changed = json.loads(line)
        began = time.monotonic()
        try:
            with BuildProgress() as progress:
                session.show(progress)
                summary = session.rebuild(None if changed is None else map(Path, changed))
            answer = {"failed": False, "said": summary.text(time.monotonic() - began)}
        except BuildFailed as error:
            answer = {"failed": True, "said": failed(error)}
        print(json.dumps(answer), flush=True)
    session.flush()
    return 0


def _asked(session: Session) -> str:
    """The next line; while none comes, the session makes ready for it, and writes down what it knows."""
    while not _waits(0) and session.warm():
        pass
    if not _waits(session.rest):
        session.flush()
    return sys.stdin.readline()


def _waits(seconds: float) -> bool:
    """Whether a line comes within `seconds`; Windows cannot be asked, and then none does."""
    return os.name == "posix" and bool(select.select([sys.stdin], [], [], seconds)[0])


def publish(settings: str = "publishconf.py") -> int:
    """Build as readers will get it, and copy the site to its host."""
    if status := build(settings):
        return status
    read = read_settings_file(settings)
    output = Path(read["OUTPUT_PATH"])
    return copy_site(output, sorted(read_ledger(output)), read["NEWSROOM"].get("publish_to", ""), replace)
