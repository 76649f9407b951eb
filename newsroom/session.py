"""Many builds in one process, as the live preview makes them: what is in memory need not be read again.

After an edit of an article's headline, summary or text, that file is read and the pages that print it are written;
nothing else of the site can have changed. Every other change is an ordinary build, with what the cache remembers.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from newsroom.articles.archive import Progress
from newsroom.build.release import has_ledger, lock, patch, record, stage, unlock
from newsroom.build.run import run_pelican
from newsroom.build.summary import Stages, Summary
from newsroom.config import PROGRESS, STATE, SUMMARY
from newsroom.errors import BuildFailed
from newsroom.fronts.views import Output
from newsroom.state import State

_REST, _TIMES = 2, 10  # seconds at least, and times what it takes to write down what a build knows


class Session:
    """Builds of one site into one output. Not for several threads."""

    def __init__(
        self, settings: str = "pelicanconf.py", output: str | None = None, drafts: bool = False, **more: Any
    ) -> None:
        self._settings = settings
        self._output = output
        self._drafts = drafts
        self._more = more
        self._state: State | None = None
        self._behind = False  # whether ledger and cache know less than this session
        self._warming: Iterator[None] = iter(())  # what the next edit may need and is not made yet
        self.rest: float = _REST  # seconds without an edit after which a `flush` will hardly keep one waiting

    def rebuild(self, changed: Iterable[Path] | None = None) -> Summary:
        """Build what changed: these files, or whatever it may be. Raises BuildFailed."""
        done = self._reprint(list(changed)) if changed is not None else None
        if done is not None:
            return done
        self.flush()
        self._state = None
        self._warming = iter(())
        gc.unfreeze()
        settings = run_pelican(self._settings, dict(self._more), self._output, self._drafts)
        state: State = settings[STATE]
        self._state, self._warming = state, state.warm()
        self.rest = max(_REST, _TIMES * state.site.stages.seconds.get("keep", 0.0))
        summary: Summary = settings[SUMMARY]
        return summary

    def show(self, progress: Progress) -> None:
        """Tell `progress` of the builds from here on."""
        self._more[PROGRESS] = progress
        if self._state:
            self._state.progress = progress

    def warm(self) -> bool:
        """Make ready for the next edit, by one small step; answers whether there may be more."""
        try:
            return self._state is not None and any(True for _ in self._warming)
        except (Exception, BuildFailed):  # the next build tells, should it still be so
            self._warming = iter(())
            return False

    def flush(self) -> None:
        """Let ledger and cache know what this session knows: the next build, in any process, begins from there."""
        if self._state and self._behind:
            engine = self._state.engine
            try:
                lock(engine.output.parent)
                record(engine.output, {url: made.digest for url, made in engine.before.made.items()})
                engine.forget()
                self._state.keep(related=False)
            except (BuildFailed, OSError):
                self._state = None  # the next build finds out what is so
            finally:
                unlock(engine.output.parent)
        self._behind = False

    def _reprint(self, changed: list[Path]) -> Summary | None:
        """Write what prints these articles; None where more changed of them than `Site.reprint` knows."""
        state = self._state
        sources = self._sources(state, changed) if state else None
        if state is None or sources is None or state.engine.open or not state.alone:
            return None
        if not has_ledger(state.engine.output):
            return None
        self._state = None  # until all went well: half of an edit must not be built upon
        outputs: dict[str, Output] = {}
        for source in sources:
            planned = state.site.reprint(source)
            if planned is None:
                self._state = None if outputs else state  # of the first, nothing was changed
                return None
            outputs.update((output.url, output) for output in planned)
        summary = self._write(state, outputs)
        self._state, self._behind = state, True
        return summary

    @staticmethod
    def _sources(state: State, changed: list[Path]) -> list[str] | None:
        content = state.site.config.content.resolve()
        found = []
        for path in changed:
            whole = path.resolve()
            if whole.suffix != ".md" or not whole.is_relative_to(content):
                return None
            found.append(whole.relative_to(content).as_posix())
        return sorted(set(found))

    @staticmethod
    def _write(state: State, plan: dict[str, Output]) -> Summary:
        site, engine = state.site, state.engine
        urls = engine.outdated(plan)
        site.stages, engine.results = Stages(), {}
        lock(engine.output.parent)
        try:
            state.staging = stage(engine.output)
            state.renderer.folders.clear()
            with site.stages("write"):
                engine.render(state.renderer, plan, urls, state.progress)
            with site.stages("release"):
                changes = patch(engine.staging, engine.output)
            engine.update(plan, urls)
        finally:
            unlock(engine.output.parent)
        return state.summary(changes)


def failed(error: BuildFailed) -> str:
    """What a failed build says, as the build command prints it."""
    return "".join(f"{problem}\n" for problem in error.problems) + f"\n{error.count}; {error.outcome}.\n"
