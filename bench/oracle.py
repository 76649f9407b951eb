"""Proves that building upon earlier builds leaves what a clean build would: thousands of random steps.

    python bench/oracle.py --steps 5000 --seed 1 --workers 2

Linux and macOS only. A sitting is one site and what happens to it, and its seed decides all of it: to see a sitting
that failed again, give its seed, and as many steps as it had.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.build.damage import DAMAGES
from tests.build.edits import EDITS
from tests.build.site_machine import SiteMachine

LENGTH = 40  # steps of a sitting
_PROJECTS_THEME = 4  # one sitting of so many builds with it; the others with a theme that prints whatever it is given


class Sitting(NamedTuple):
    """What came of one sitting; `failure` is "" where all went well."""

    number: int
    steps: int
    broken: int
    failure: str


def sit(number: int, steps: int, without: frozenset[str], shrink: bool) -> Sitting:
    """One sitting; `shrink` looks for a shorter sequence that fails, for some minutes."""

    class Machine(SiteMachine):
        plain = number % _PROJECTS_THEME > 0

    Machine.without = without
    rules = settings(
        max_examples=2,  # the first is the simplest, in which nothing happens
        stateful_step_count=steps,
        deadline=None,
        database=None,
        derandomize=False,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink] if shrink else [Phase.generate],
        print_blob=False,
    )
    failure = ""
    try:
        run_state_machine_as_test(seed(number)(Machine), settings=rules)
    except Exception as error:  # whatever a build, a check or the machine raises
        failure = "\n".join([f"{type(error).__name__}: {error}", *getattr(error, "__notes__", [])])
    return Sitting(number, Machine.steps, Machine.broken, failure)


def sittings(arguments: argparse.Namespace) -> Iterator[Sitting]:
    """All sittings, each as soon as it ends."""
    first, length = arguments.seed, min(arguments.steps, LENGTH)
    numbers = range(first, first + -(-arguments.steps // length))
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(arguments.workers, context) as executor:
        without = frozenset(arguments.without)
        waiting = [executor.submit(sit, number, length, without, arguments.shrink) for number in numbers]
        for each in as_completed(waiting):
            yield each.result()


def main() -> int:
    """Run as many steps as were asked for; answers 1 if any of them found a difference."""
    arguments = _arguments()
    began, steps, broken, failed = time.monotonic(), 0, 0, 0
    print(f"Seed {arguments.seed}.", flush=True)
    for sitting in sittings(arguments):
        steps, broken, failed = steps + sitting.steps, broken + sitting.broken, failed + bool(sitting.failure)
        if sitting.failure:
            print(f"\nSitting {sitting.number} failed at step {sitting.steps}:\n{sitting.failure}\n", flush=True)
        minutes = (time.monotonic() - began) / 60
        print(f"{steps} steps, {broken} of them of a broken site, {failed} failed, {minutes:.1f} minutes", flush=True)
    return 1 if failed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Builds upon earlier builds, beside clean builds.")
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000), help="of the first sitting")
    parser.add_argument("--workers", type=int, default=1, help="sittings at a time")
    parser.add_argument("--shrink", action="store_true", help="look for a shorter sequence that fails; takes minutes")
    parser.add_argument("--without", nargs="*", default=[], choices=[*EDITS, *DAMAGES], help="what must not happen")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
