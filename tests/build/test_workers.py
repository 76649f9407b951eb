"""Workers: the same results in the same order wherever the work is done, and an end that is never a riddle."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from newsroom.build.workers import Workers, make_workers, may_fork
from newsroom.errors import BuildFailed, Problem
from tests.build.faults import all_end, broken_pages, group, strange_files
from tests.build.ordeal import Ordeal
from tests.support import ROOT, difference, environment, invoke, problems, run, tree

INTERRUPTED = "\nInterrupted; the last output is as it was.\n"
OTHERWISE = ("\nInterrupted; the output is partly new; build again.\n", "\nInterrupted; the output is new.\n")
BATCHES = 40
_handed_out: list[int] = []  # as this process sees it, and those that are forked from it


def double(batch: list[int]) -> list[int]:
    time.sleep(0.02 if batch[0] % 3 == 0 else 0)  # so that later ones are done earlier
    return [2 * each for each in batch]


def process(batch: int) -> int:
    time.sleep(0.01)
    return os.getpid()


def fail(batch: int) -> int:
    if batch == 5:
        raise ValueError("batch 5 is wrong")
    return batch


def fail_with_problems(batch: int) -> int:
    if batch == 5:
        raise BuildFailed(
            [Problem("content/a.md", 3, "is wrong", "mend it"), Problem("b.md", 1, "too", "mend it")], "x"
        )
    return batch


def kill_itself(batch: int) -> int:
    if batch == 5:
        os.kill(os.getpid(), signal.SIGKILL)
    return batch


def batches(count: int) -> Iterator[list[int]]:
    for n in range(count):
        _handed_out.append(n)
        yield [n, n + 1]


def in_a_new_process(code: str, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run code that uses this module, for the process of the tests has threads."""
    head = "from tests.build.test_workers import *\nfrom tests.build import test_workers\n"
    command = [sys.executable, "-c", head + code, *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=environment(**more), capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize("count", [1, 2, 3, 8])
def test_results_come_in_order(count: int) -> None:
    code = f"print(list(Workers({count}).run(double, batches({BATCHES}))))"
    done = in_a_new_process(code)
    assert (done.stdout, done.stderr) == (f"{[[2 * n, 2 * n + 2] for n in range(BATCHES)]}\n", "")


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_few_batches_and_none_give_as_many_results(count: int) -> None:
    done = in_a_new_process(f"print(len(list(Workers(2).run(double, batches({count})))))")
    assert (done.stdout, done.stderr) == (f"{count}\n", "")


def test_work_is_spread_over_as_many_processes_as_were_asked_for() -> None:
    code = "found = set(Workers(2).run(process, range(60)))\nprint(len(found), os.getpid() in found)"
    assert in_a_new_process(code).stdout == "2 False\n"
    code = "found = set(Workers(1).run(process, range(60)))\nprint(len(found), os.getpid() in found)"
    assert in_a_new_process(code).stdout == "1 True\n"


def test_only_so_many_batches_are_under_way() -> None:
    """What is read ahead is held in memory."""
    code = (
        "most = 0\nfor n, _ in enumerate(Workers(2).run(double, batches(200))):\n"
        "    most = max(most, len(test_workers._handed_out) - n)\nprint(most)"
    )
    assert int(in_a_new_process(code).stdout) <= 8


def test_an_error_of_the_work_reaches_who_asked_for_it() -> None:
    code = "try:\n    list(Workers(2).run(fail, range(50)))\nexcept ValueError as error:\n    print(error)"
    done = in_a_new_process(code)
    assert (done.stdout, done.stderr) == ("batch 5 is wrong\n", "")


def test_problems_that_work_finds_reach_who_asked_for_it() -> None:
    code = (
        "try:\n    list(Workers(2).run(fail_with_problems, range(50)))\n"
        "except BuildFailed as failed:\n    print(*failed.problems, failed.outcome, sep='\\n')"
    )
    done = in_a_new_process(code)
    assert (done.stdout, done.stderr) == ("b.md:1: too; mend it\ncontent/a.md:3: is wrong; mend it\nx\n", "")


def test_results_that_nobody_takes_leave_no_process() -> None:
    code = (
        "import multiprocessing\nresults = Workers(2).run(double, batches(50))\nnext(results)\nresults.close()\n"
        "print(multiprocessing.active_children(), may_fork())"
    )
    assert in_a_new_process(code).stdout == "[] True\n"


def test_a_worker_that_is_killed_is_a_problem_with_a_remedy() -> None:
    code = (
        "try:\n    print(list(Workers(2).run(kill_itself, range(50))) == list(range(50)))\n"
        "except BuildFailed as failed:\n    print(failed)"
    )
    done = in_a_new_process(code)
    assert done.stderr == ""
    assert done.stdout == "True\n" or (done.stdout.startswith("environment:1: ") and "worker" in done.stdout)


def test_where_another_thread_is_alive_the_work_is_done_here() -> None:
    here = threading.Event()
    other = threading.Thread(target=here.wait)
    other.start()
    try:
        assert not may_fork()
        assert set(Workers(4).run(process, range(20))) == {os.getpid()}
    finally:
        here.set()
        other.join()


@pytest.mark.parametrize("written", ["0", "-1", "two", "1.5", " 2", "２", "1e3", "1025", "9" * 5000, "0x2"])
def test_a_number_of_workers_that_is_none_is_said_so(written: str) -> None:
    with pytest.raises(BuildFailed) as failed:
        make_workers({"NEWSROOM_WORKERS": written})
    sentence = f"environment:1: NEWSROOM_WORKERS {written!r} is not a number from 1; write one, or unset it"
    assert [str(each) for each in failed.value.problems] == [sentence]


def test_build_says_what_is_wrong_with_the_number_of_workers(minimal_copy: Path) -> None:
    done = invoke(minimal_copy, "build", NEWSROOM_WORKERS="many")
    assert done.returncode == 1
    assert problems(done.stderr) == [
        "environment:1: NEWSROOM_WORKERS 'many' is not a number from 1; write one, or unset it"
    ]
    assert not (minimal_copy / "output").exists()


@pytest.mark.parametrize("workers", ["1", "5"])
def test_the_number_of_workers_changes_no_byte(ordeal: Ordeal, workers: str) -> None:
    for kind in ("cold", "edited"):
        ordeal.begin(kind)
        status, printed = ordeal.nursery.build(ordeal.site, environment={"NEWSROOM_WORKERS": workers})
        assert status == 0, printed
        assert difference(tree(ordeal.output), ordeal.outputs[0]) == []


@pytest.mark.parametrize("terminal", [False, True], ids=["no terminal", "a terminal"])
def test_pelicans_own_command_in_its_spinners_thread_gives_the_same_bytes(ordeal: Ordeal, terminal: bool) -> None:
    ordeal.begin("cold")
    command = ("pelican", "content", "-s", "pelicanconf.py", "-o", "output")
    more = {"FORCE_COLOR": "1", "TTY_COMPATIBLE": "1"} if terminal else {}
    done = run(ordeal.site, *command, NEWSROOM_WORKERS="4", **more)
    assert (done.returncode, problems(done.stderr)) == (0, [])
    assert difference(tree(ordeal.output), ordeal.outputs[0]) == []


def interrupt(ordeal: Ordeal, at: float) -> tuple[int, str, float]:
    """Ctrl-C, as a terminal sends it to all processes: the status, what was printed, the seconds it took."""
    running = ordeal.nursery.start(ordeal.site)
    time.sleep(at)
    sent = time.monotonic()
    if group(running.process):
        os.killpg(running.process, signal.SIGINT)
    status, printed = running.wait(30)
    took = time.monotonic() - sent
    assert all_end(running.process, 0.5), "worker processes outlived their build"
    return status, printed, took


@pytest.mark.parametrize("kind", ["cold", "edited"])
def test_ctrl_c_at_any_moment_ends_with_one_sentence_which_is_true(ordeal: Ordeal, kind: str) -> None:
    lasts = ordeal.measure(kind)
    for n in range(4):
        ordeal.begin(kind)
        there = tree(ordeal.output) if ordeal.output.exists() else {}
        status, printed, took = interrupt(ordeal, (n + 0.5) / 4 * lasts)
        assert status in (0, 130), printed
        if status:
            assert printed.endswith((INTERRUPTED, *OTHERWISE)), printed
            assert "Traceback" not in printed, printed
            assert took < max(2, lasts)  # a machine that is busy with other things
            if printed.endswith(INTERRUPTED):
                assert (tree(ordeal.output) if ordeal.output.exists() else {}) == there
        ordeal.mend()


@pytest.mark.parametrize("kind", ["cold", "warm", "edited"])
def test_ctrl_c_between_any_two_changes_of_the_disk_tells_the_truth(ordeal: Ordeal, kind: str) -> None:
    """That the last output is as it was, where it is; elsewhere that it is new or partly new."""
    ordeal.begin(kind)
    steps = ordeal.nursery.steps(ordeal.site)
    wrong = []
    for at in sorted({1 + n * (steps - 1) // 5 for n in range(6)}):
        ordeal.begin(kind)
        there = tree(ordeal.output) if ordeal.output.exists() else {}
        status, printed = ordeal.nursery.build(ordeal.site, at=at, signal=signal.SIGINT)
        found = tree(ordeal.output) if ordeal.output.exists() else {}
        assert list(broken_pages(ordeal.output)) == []
        assert strange_files(ordeal.output, *ordeal.outputs) == []
        if "Traceback" in printed or status not in (0, 130) or (INTERRUPTED in printed and found != there):
            wrong.append((at, steps, status, printed[-300:]))
        if status == 0 and found != ordeal.outputs[0]:
            wrong.append((at, steps, status, "the output is not that of a finished build"))
        ordeal.mend()
    assert wrong == []


def test_ctrl_c_does_not_end_a_worker_that_begins() -> None:
    """It is sent to the whole group: a worker gets it before it can say that this is its parent's to handle."""
    code = (
        "import os, signal; from newsroom.build.workers import Workers;"
        "os.register_at_fork(after_in_child=lambda: os.kill(os.getpid(), signal.SIGINT));"
        "print(list(Workers(2).run(abs, [-1, -2, -3, -4])))"
    )
    done = subprocess.run([sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("[1, 2, 3, 4]\n", "")


def test_workers_whose_parent_dies_before_they_begin_end_too() -> None:
    """Slow workers, as on a busy machine: their parent is gone when they look who it is."""
    code = (
        "import os, signal, time\nfrom newsroom.build.workers import Workers\n"
        "os.register_at_fork(after_in_child=lambda: time.sleep(0.7))\n"
        "os.register_at_fork(after_in_parent=lambda: os.kill(os.getpid(), signal.SIGKILL))\n"
        "list(Workers(2).run(abs, range(50)))\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env=environment(), start_new_session=True)
    assert parent.wait() == -signal.SIGKILL
    assert group(parent.pid), "the worker should have been slow"
    assert all_end(parent.pid, 2.7)
