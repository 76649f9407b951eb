"""What a build did, in one line."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from newsroom.build.release import Changes


@dataclass(frozen=True)
class Summary:
    """Counts of a finished build, and the folder it went to."""

    articles: int
    pages: int
    changes: Changes
    output: Path

    def text(self, seconds: float) -> str:
        """The line that ends a build that took `seconds`."""
        here = Path.cwd()
        shown = self.output.relative_to(here) if self.output.is_relative_to(here) else self.output
        changes = f"{len(self.changes.written)} files written, {len(self.changes.removed)} removed"
        articles = "1 article" if self.articles == 1 else f"{self.articles} articles"
        return (
            f"Built {self.pages} pages of {articles} into {shown}/ in {seconds:.1f} s: "
            f"{changes}, {self.changes.kept} as before."
        )
