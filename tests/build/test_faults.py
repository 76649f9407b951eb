"""A build that is killed: at every moment the output is whole, and the next build is right."""

from __future__ import annotations

import os
import random
import signal
import time

import pytest

from tests.build.faults import all_end, beside, group
from tests.build.ordeal import Ordeal
from tests.support import difference, problems, tree

KILLS = {"cold": 8, "warm": 20, "edited": 12}  # in each of two tests; bench/faults.py kills many more
STEPS = 8  # of each kind of build: that many moments between two changes of the disk
NOTHING = "nothing was written, the last output is as it was."


@pytest.mark.parametrize("half", ["first half", "second half"])
@pytest.mark.parametrize("kind", KILLS)
def test_after_a_kill_at_any_moment_the_output_is_whole_and_the_next_build_is_right(
    ordeal: Ordeal, kind: str, half: str
) -> None:
    ordeal.kill_at_random(kind, KILLS[kind], f"{kind}, {half}")


@pytest.mark.parametrize("kind", KILLS)
def test_after_a_kill_between_any_two_changes_of_the_disk_the_next_build_is_right(ordeal: Ordeal, kind: str) -> None:
    ordeal.kill_between_changes(kind, STEPS)


def test_a_worker_that_is_killed_ends_the_build_with_one_clear_sentence_or_does_not_matter(ordeal: Ordeal) -> None:
    chance = random.Random("worker")
    for n in range(6):
        ordeal.begin(("cold", "edited")[n % 2])
        running = ordeal.nursery.start(ordeal.site)
        time.sleep(chance.uniform(0, 0.4))
        running.strike("worker")
        status, printed = running.wait(60)
        assert "Traceback" not in printed
        assert status in (0, 1), printed
        if status == 1:
            (problem,) = problems(printed)
            assert "worker" in problem, problem
            assert "report it" not in problem, problem
            assert printed.endswith(f"1 problem; {NOTHING}\n")
        ordeal.look(running.process)
        ordeal.mend()


def test_workers_that_outlive_their_build_for_a_moment_leave_nothing_beside_the_output(ordeal: Ordeal) -> None:
    """The next build begins at once, as it does where a supervisor restarts what was killed; a worker is just slow."""
    for _ in range(3):
        ordeal.begin("cold")
        running = ordeal.nursery.start(ordeal.site)
        while not list(ordeal.site.glob(".output.new-*/files/2024")):  # until the workers write
            time.sleep(0.002)
        workers = [each for each in group(running.process) if each != running.process]
        for each in workers:
            os.kill(each, signal.SIGSTOP)
        running.strike("parent")
        running.wait()
        status, printed = ordeal.nursery.build(ordeal.site)
        for each in workers:
            os.kill(each, signal.SIGCONT)
        assert status == 0, printed
        assert all_end(running.process, 2)
        assert difference(tree(ordeal.output), ordeal.outputs[0]) == []
        assert beside(ordeal.site) == []


def test_a_kill_while_the_ledger_is_written_leaves_nothing_in_the_output(ordeal: Ordeal) -> None:
    """After its temporary file is made, and before that is renamed."""
    for kind, at in (("edited", 2), ("cold", 2), ("cold", 3)):
        ordeal.begin(kind)
        running = ordeal.nursery.start(ordeal.site, after="tempfile.mkstemp", at=at)
        status, printed = running.wait()
        assert status in (0, -signal.SIGKILL), printed
        ordeal.look(running.process)
        ordeal.mend()
