"""The command that takes an article down: the wiring of its source with a build, which proves what is gone."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from newsroom.articles.retract import retract
from newsroom.build.release import has_ledger, read_ledger
from newsroom.build.run import attempt, read_settings_file
from newsroom.config import STATE, read_config
from newsroom.errors import BuildFailed
from newsroom.files import write_atomic
from newsroom.fronts.addresses import places
from newsroom.site import Site
from newsroom.state import State


def retract_article(path: str, notice: str = "", gone: bool = False, settings: str = "publishconf.py") -> int:
    """Mark an article as retracted, with a notice for readers or, where it is `gone`, without; build, and say what is
    no longer there. Answers the exit status."""
    if bool(notice.strip()) == gone:
        return _fail("say what readers should know with --notice '…', or nothing with --gone")
    try:
        config = read_config(read_settings_file(settings), os.environ)
    except BuildFailed as failed:
        return _fail(str(failed))
    article = Path(path).resolve()
    if not article.is_relative_to(config.content.resolve() / "articles") or article.suffix != ".md":
        return _fail(f"{path} is no article; name a file of {config.content.name}/articles")
    try:
        before = article.read_bytes()
        after = retract(before.decode(), config.now, " ".join(notice.split())).encode()
    except (OSError, ValueError) as error:
        return _fail(f"{path}: {getattr(error, 'strerror', None) or error}")
    had = set(read_ledger(config.output)) if has_ledger(config.output) else set()
    write_atomic(article, after)
    status, done = attempt(settings, {})
    if status:
        return _fail(f"{path} is marked as retracted; mend the problems above, for nothing is taken down yet")
    state: State = done[STATE]
    print(*_told(state.site, article.relative_to(config.content.resolve()).as_posix(), had), sep="\n")
    return 0


def _told(site: Site, source: str, had: set[str]) -> Iterator[str]:
    """What the retraction did, for whoever made it."""
    entry = site.archive.entries[source]
    notices = places(entry.url, entry.aliases) if entry in site.retracted else ()
    yield f"{source} is retracted. A notice stands at {', '.join(notices) or 'no address, for it was never public'}."
    vanished = sorted(had - site.plan.keys())  # pages, pictures, feeds
    yield from (f"  no longer there: {name}" for name in vanished)
    for other in site.public.values():
        if other.key == entry.key:
            yield f"note: {site.layout.folder}/{other.source}, the same article in another language, is still public"
    yield "Readers have it until you publish: run `python3 tasks.py publish` now."
    yield "Other sites, archives and readers may hold copies, and the file and its history still hold all of it."


def _fail(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1
