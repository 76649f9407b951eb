"""The commands that tasks.py calls, each answering an exit status; where a command needs two rooms, they meet here."""

from __future__ import annotations

import getpass
import json
import logging
import os
import select
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from newsroom.build.progress import BuildProgress
from newsroom.build.release import read_ledger
from newsroom.build.run import attempt, build, check, clean, read_settings_file, run_pelican
from newsroom.build.summary import Found
from newsroom.config import CHECK, STATE, Config, read_config
from newsroom.desk.preview import serve_preview
from newsroom.errors import BuildFailed
from newsroom.publish.targets.base import PublishFailed
from newsroom.session import Session, failed
from newsroom.site import Site
from newsroom.state import State

__all__ = [
    "build",
    "check",
    "clean",
    "follow",
    "headers",
    "keys",
    "publish",
    "rollback",
    "schedule",
    "serve",
    "verify",
]

PRODUCTION = "publishconf.py"

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


def publish(settings: str = PRODUCTION, dry_run: bool = False, signature: str = "") -> int:
    """Build as readers will get it, and put that to every host; answers the exit status. `signature` is the file of one
    that was made elsewhere, of the release that was put together last."""

    def work() -> int:
        from newsroom.publishing import publish_site  # its libraries are installed for this command

        status, done = attempt(settings, {})
        if status:
            return status
        state: State = done[STATE]
        output, signed = state.engine.output, Path(signature) if signature else None
        with BuildProgress() as progress:
            return publish_site(state.site, output, sorted(read_ledger(output)), progress, dry_run, signed)

    return _told(work, "readers have whole pages, some of them new ones perhaps; publish again")


def rollback(to: int = 0, settings: str = PRODUCTION) -> int:
    """Give readers the release before, or release `to`, at every host that keeps releases."""

    def work() -> int:
        from newsroom.publishing import roll_back

        return roll_back(_config(settings), to or None)

    return _told(work, "look which release is live, and roll back again")


def verify(source: str, key: str = "", settings: str = PRODUCTION) -> int:
    """Verify a copy of a site: an address, a folder or a zip; by the newsroom's own root key, or by `key`."""

    def work() -> int:
        from newsroom.publish.verify import verify_source

        config = _config(settings)
        with BuildProgress() as progress:
            now = int(config.now.timestamp())
            return verify_source(source, key, config.newsroom.root_key, config.url, now, progress)

    return _told(work, "nothing is known of what was not verified yet")


def keys(
    make: str = "",
    rotate: str = "",
    renew: bool = False,
    root: str = "",
    keep: bool = False,
    without: str = "",
    settings: str = PRODUCTION,
) -> int:
    """Make the newsroom's keys in a folder, rotate the release key into one, renew the list, or say which keys there
    are; `root` is the file of the root key."""

    def work() -> int:
        from newsroom.publish.keyfiles import keys_command
        from newsroom.publishing import house

        config = _config(settings)
        public = config.newsroom.root_key
        return keys_command(house(config), public, getpass.getpass, make, rotate, renew, root, keep, without)

    return _told(work, "no key was changed")


def headers(server: str, onion: bool = False, settings: str = PRODUCTION) -> int:
    """Print what a web server is to be told: headers, redirects, what was taken down."""

    def work() -> int:
        from newsroom.publishing import server_settings

        print(server_settings(_site(settings), server, onion), end="")
        return 0

    return _told(work, "nothing was printed")


def schedule(settings: str = PRODUCTION) -> int:
    """Print when something becomes due, and what publishes it then."""

    def work() -> int:
        from newsroom.publish.schedule import schedule as tell
        from newsroom.publishing import last_release

        site = _site(settings)
        config, entries = site.config, site.archive.entries.values()
        print(tell(entries, config, config.now, config.content.resolve().parent, last_release()))
        return 0

    return _told(work, "nothing was printed")


def _told(work: Callable[[], int], interrupted: str) -> int:
    """Do the work of a command, and tell what goes wrong; the exit status."""
    try:
        return work()
    except PublishFailed as error:
        print(error, file=sys.stderr)
        return 1
    except BuildFailed as error:
        print(failed(error), end="", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"\nInterrupted; {interrupted}.", file=sys.stderr)
        return 130


def _config(settings: str) -> Config:
    return read_config(read_settings_file(settings), os.environ)


def _site(settings: str) -> Site:
    """The site, read and checked, and not built."""
    state: State = run_pelican(settings, {CHECK: Found()}, None, False)[STATE]
    return state.site
