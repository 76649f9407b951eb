"""Kills builds, hundreds of times, and looks whether the output is whole and the next build right.

    python -m bench.faults [--kills N] [--seed TEXT] [--steps] [--folder FOLDER]

Run from the project's folder. `--kills` is how many of each kind of build are killed at a random moment, cold, warm
and edited; `--steps` kills them besides before every single change of the disk. Ends with 1 at the first fault,
with what it was, and leaves the site where it happened.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.build.faults import Nursery
from tests.build.ordeal import KINDS, Ordeal, make_ordeal
from tests.support import Built

PORTION = 10  # kills between two lines of the report


def main(arguments: list[str] | None = None) -> int:
    """Kill builds as the command line says; the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--kills", type=int, default=200, help="of each kind of build, at random moments")
    parser.add_argument("--seed", default="1", help="of the moments")
    parser.add_argument("--steps", action="store_true", help="kill before every change of the disk, too")
    parser.add_argument("--folder", type=Path, help="where the site is made")
    chosen = parser.parse_args(arguments)
    folder = chosen.folder or Path(tempfile.mkdtemp(prefix="newsroom-faults-"))
    started = time.monotonic()
    with Nursery() as nursery:
        ordeal = make_ordeal(folder / "site", nursery, _once(folder))
        try:
            for count, sentence in _kills(ordeal, chosen.kills, chosen.seed, chosen.steps):
                print(f"{count:6} kills in {time.monotonic() - started:6.0f} s: {sentence}", flush=True)
        except AssertionError as fault:
            print(f"A fault, with the site in {folder}:\n{fault}", file=sys.stderr)
            return 1
    shutil.rmtree(folder)
    return 0


def _kills(ordeal: Ordeal, kills: int, seed: str, steps: bool) -> Iterator[tuple[int, str]]:
    """Kill; yields how many kills there were and what they were."""
    done = 0
    for begin in range(0, kills, PORTION):
        for kind in KINDS:
            count = min(PORTION, kills - begin)
            ordeal.kill_at_random(kind, count, f"{seed} {kind} {begin}")
            done += count
            yield done, f"{kind}, at random moments"
    for kind in KINDS if steps else ():
        done += ordeal.kill_between_changes(kind, None)
        yield done, f"{kind}, before every change of the disk"


def _once(folder: Path) -> Callable[[str, Callable[[Path], Built]], Built]:
    def once(name: str, make: Callable[[Path], Built]) -> Built:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        return make(folder / name)

    return once


if __name__ == "__main__":
    sys.exit(main())
