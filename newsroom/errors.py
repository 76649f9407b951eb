"""Problems: what is wrong in a file, where, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True, order=True)
class Problem:
    """One mistake in a file: `path` as a reporter would type it, `line` counted from 1."""

    path: str
    line: int
    message: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}; {self.remedy}"


class BuildFailed(SystemExit):
    """The build stops and the last good output stays.

    A SystemExit, because Pelican's command prints any other exception as a traceback, and its -r option would
    start again at once, for ever. Not caught, it prints the problems and ends with status 1.
    """

    def __init__(
        self, problems: Iterable[Problem], outcome: str = "nothing was written, the last output is as it was"
    ) -> None:
        self.problems = sorted(set(problems))
        self.outcome = outcome
        super().__init__("\n".join(map(str, self.problems)))

    @property
    def count(self) -> str:
        """How many problems there are, in words: `1 problem`, `3 problems`."""
        return f"{len(self.problems)} problem{'' if len(self.problems) == 1 else 's'}"


def did_you_mean(word: str, known: Iterable[str], otherwise: str) -> str:
    """The remedy for an unknown `word`: the nearest known one, or else the sentence `otherwise`."""
    by_folded = {name.casefold(): name for name in known}
    near = get_close_matches(word.casefold(), list(by_folded), n=1, cutoff=0.6)
    return f"did you mean {by_folded[near[0]]!r}?" if near else otherwise
