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
from newsroom.build.release import read_ledger
from newsroom.build.run import attempt, build, check, clean
from newsroom.config import STATE
from newsroom.desk.preview import serve_preview
from newsroom.errors import BuildFailed
from newsroom.publish.targets.base import PublishFailed
from newsroom.session import Session, failed
from newsroom.state import State

__all__ = ["build", "check", "clean", "follow", "publish", "serve"]

_PREVIEW = Path(".cache/preview")
_FOLLOW = "import sys; from newsroom.commands import follow; sys.exit(follow({!r}))"
_IDLE = 2  # seconds after which a session lets the cache know what it knows


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
    if not _waits(_IDLE):
        session.flush()
    return sys.stdin.readline()


def _waits(seconds: float) -> bool:
    """Whether a line comes within `seconds`; Windows cannot be asked, and then none does."""
    return os.name == "posix" and bool(select.select([sys.stdin], [], [], seconds)[0])


def publish(settings: str = "publishconf.py", dry_run: bool = False, signature: str = "") -> int:
    """Build as readers will get it, and put that to every host; answers the exit status. `signature` is the file of one
    that was made elsewhere, of the release that was put together last."""
    from newsroom.publishing import publish_site  # its libraries are installed for this command

    status, done = attempt(settings, {})
    if status:
        return status
    state: State = done[STATE]
    output = state.engine.output
    try:
        with BuildProgress() as progress:
            signed = Path(signature) if signature else None
            return publish_site(state.site, output, sorted(read_ledger(output)), progress, dry_run, signed)
    except PublishFailed as error:
        print(f"Nothing was published: {error}", file=sys.stderr)
        return 1
    except BuildFailed as error:
        print(failed(error), end="", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted; readers have whole pages, some of them new ones perhaps; publish again.", file=sys.stderr)
        return 130
