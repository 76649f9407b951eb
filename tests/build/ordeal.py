"""A site whose builds are killed, or find no room, between two states that it is turned to and fro."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.build.faults import Nursery, all_end, beside, broken_pages, make_site, strange_files, turn
from tests.support import Built, difference, tree

KINDS = ("cold", "warm", "edited")
MENDING = {"NEWSROOM_WORKERS": "1"}  # quicker for so small a site, and the same bytes


@dataclass
class Ordeal:
    """`outputs` are what clean builds leave of the site as it is, and of the site turned."""

    nursery: Nursery
    site: Path
    outputs: list[dict[str, bytes]]
    output: Path = field(init=False)

    def __post_init__(self) -> None:
        self.output = self.site / "output"

    def begin(self, kind: str) -> None:
        """Make the next build one without a cache, one of a site that did not change, or one of an edited site."""
        if kind == "cold":
            for folder in (self.output, self.site / ".cache"):
                shutil.rmtree(folder, ignore_errors=True)
        elif kind == "edited":
            turn(self.site)
            self.outputs.reverse()

    def look(self, leader: int) -> None:
        """What has to hold at every moment after a kill."""
        assert list(broken_pages(self.output)) == []
        assert strange_files(self.output, *self.outputs) == []
        assert all_end(leader, 2), "worker processes outlived their build by two seconds"
        assert strange_files(self.output, *self.outputs) == []

    def mend(self) -> None:
        """The next build succeeds, and leaves what a clean build leaves and nothing else."""
        status, printed = self.nursery.build(self.site, environment=MENDING)
        assert status == 0, printed
        assert difference(tree(self.output), self.outputs[0]) == []
        assert beside(self.site) == []

    def measure(self, kind: str) -> float:
        """How long such a build lasts, in seconds."""
        self.begin(kind)
        started = time.monotonic()
        status, printed = self.nursery.build(self.site)
        assert status == 0, printed
        return time.monotonic() - started

    def kill_at_random(self, kind: str, times: int, seed: str) -> None:
        """Kill builds at moments spread over their duration, the whole group and the first process in turn."""
        lasts, chance = self.measure(kind), random.Random(seed)
        for n in range(times):
            self.begin(kind)
            running = self.nursery.start(self.site)
            time.sleep(chance.uniform(0, 1.05 * lasts))
            running.strike(("group", "parent")[n % 2])
            status, printed = running.wait()
            assert status in (0, -signal.SIGKILL), printed
            self.look(running.process)
            self.mend()

    def kill_between_changes(self, kind: str, times: int | None) -> int:
        """Kill builds before so many of their changes of the disk, evenly spread; None: before each. Answers how many
        kills there were."""
        self.begin(kind)
        steps = self.nursery.steps(self.site)
        times = times or steps
        chosen = sorted({1 + n * (steps - 1) // (times - 1) for n in range(times)})
        for at in chosen:
            self.begin(kind)
            running = self.nursery.start(self.site, at=at)
            running.wait()
            self.look(running.process)
            self.mend()
        return len(chosen)


def make_ordeal(to: Path, nursery: Nursery, once: Callable[[str, Callable[[Path], Built]], Built]) -> Ordeal:
    """A built site of its own at `to`; what clean builds leave is found out once in a test run."""

    def built(site: Path) -> Built:
        status, printed = nursery.build(site)
        assert status == 0, printed
        return Built(site, site / "output", printed)

    def turned(site: Path) -> Built:
        turn(make_site(site))
        return built(site)

    before = once("faults-before", lambda site: built(make_site(site)))
    after = once("faults-after", turned)
    with contextlib.suppress(FileExistsError):
        os.mkdir(to.parent)
    shutil.copytree(before.folder, to, symlinks=True)
    ordeal = Ordeal(nursery, to, [tree(before.output), tree(after.output)])
    ordeal.mend()
    return ordeal
