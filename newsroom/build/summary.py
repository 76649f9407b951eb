"""What a build did, and how long each stage took."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from newsroom.build.release import Changes


@dataclass
class Stages:
    """Seconds by stage; a stage within another counts for itself only."""

    seconds: dict[str, float] = field(default_factory=dict)
    _open: list[str] = field(default_factory=list)
    _since: float = 0.0

    @contextlib.contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        self._switch()
        self._open.append(stage)
        try:
            yield
        finally:
            self._switch()
            self._open.pop()

    def _switch(self) -> None:
        now = time.perf_counter()
        if self._open:
            self.seconds[self._open[-1]] = self.seconds.get(self._open[-1], 0.0) + now - self._since
        self._since = now


@dataclass(frozen=True)
class Summary:
    """Counts of a finished build, and the folder it went to. `read` are sources whose bytes were not known."""

    articles: int
    pages: int
    read: int
    rendered: int
    changes: Changes
    output: Path
    stages: Stages
    reasons: tuple[str, ...] = ()

    def text(self, seconds: float) -> str:
        """The line that ends a build that took `seconds`."""
        here = Path.cwd()
        shown = self.output.relative_to(here) if self.output.is_relative_to(here) else self.output
        changes = f"{len(self.changes.written)} files written, {len(self.changes.removed)} removed"
        return (
            f"Built {self.pages} pages of {_counted(self.articles, 'article')} into {shown}/ in {seconds:.1f} s: "
            f"{changes}, {self.changes.kept} as before."
        )

    def details(self, seconds: float) -> str:
        """What --verbose adds: a line for each stage, and the files that were written."""
        counted = {"read": f"{self.read} sources", "write": f"{self.rendered} pages and files"}
        lines = [f"  {name:8} {spent:7.2f} s  {counted.get(name, '')}" for name, spent in self.stages.seconds.items()]
        rest = max(0.0, seconds - sum(self.stages.seconds.values()))
        lines.append(f"  {'other':8} {rest:7.2f} s")
        lines += [f"  + {name}" for name in self.changes.written]
        lines += [f"  - {name}" for name in self.changes.removed]
        return "\n".join(line.rstrip() for line in lines)


@dataclass
class Found:
    """What was found besides problems in a site that was not built; `articles` is None where it came not so far."""

    articles: int | None = None
    notes: list[str] = field(default_factory=list)

    def text(self, problems: int) -> str:
        """The line that ends it."""
        if self.articles is None:
            return f"The articles were not looked at: {_counted(problems, 'problem')}."
        said = f"{_counted(problems, 'problem')}, {_counted(len(self.notes), 'note')}"
        return f"Checked {_counted(self.articles, 'article')}: {said}."


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"
