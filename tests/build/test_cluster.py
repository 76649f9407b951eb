"""Reading on a Dask cluster: two workers on this machine that share nothing with the build but a port."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.build.faults import all_end, group
from tests.support import ROOT, Built, difference, edit, environment, invoke, problems, tree

PATIENCE = 60  # seconds for a scheduler or a worker to begin
BUILD = "import sys; from newsroom.build.run import build; sys.exit(build())"


@pytest.fixture(autouse=True, scope="module")
def requires_distributed() -> None:
    if importlib.util.find_spec("distributed") is None:
        sentence = "needs dask.distributed, as requirements/cluster.txt names it"
        if os.environ.get("NEWSROOM_CI") == "1":
            pytest.fail(sentence)
        pytest.skip(sentence)


@dataclass
class Cluster:
    """A scheduler and its workers, whose folder is theirs."""

    folder: Path
    address: str = ""
    scheduler: subprocess.Popen[bytes] | None = None
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self) -> None:
        self.folder.mkdir(parents=True)
        note = self.folder / "scheduler.json"
        here = ("--host", "127.0.0.1", "--no-dashboard")
        self.scheduler = self._run(
            "dask_scheduler", *here, "--port", "0", "--scheduler-file", str(note), modules=ROOT / "requirements"
        )
        self.address = json.loads(self._wait_for(note))["address"]

    def add(self, modules: Path = ROOT) -> None:
        """One more worker, with this folder's newsroom."""
        note = self.folder / f"worker-{len(self.workers)}.pid"
        options = ("--host", "127.0.0.1", "--no-dashboard", "--no-nanny", "--nthreads", "1", "--memory-limit", "0")
        own = ("--local-directory", str(self.folder), "--pid-file", str(note))
        self.workers.append(self._run("dask_worker", self.address, *options, *own, modules=modules))
        self._wait_until(f"len(client.scheduler_info(n_workers=-1)['workers']) == {len(self.workers)}")

    def _run(self, command: str, *options: str, modules: Path = ROOT) -> subprocess.Popen[bytes]:
        log = (self.folder / f"{command}-{len(self.workers)}.log").open("wb")
        with log:
            return subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.{command}", *options],
                cwd=self.folder,
                env=environment(PYTHONPATH=str(modules)),
                stdout=log,
                stderr=log,
            )

    def _wait_for(self, note: Path) -> str:
        until = time.monotonic() + PATIENCE
        while not note.exists() or not note.read_text().strip():
            assert time.monotonic() < until, "\n".join(log.read_text() for log in self.folder.glob("*.log"))
            time.sleep(0.05)
        return note.read_text()

    def ask(self, expression: str) -> str:
        """What an expression about `client` is, asked in a process of its own."""
        code = (
            "import sys, time\nfrom distributed import Client\n"
            f"with Client(sys.argv[1], timeout=30) as client:\n    print({expression})"
        )
        command = [sys.executable, "-W", "ignore", "-c", code, self.address]
        done = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=PATIENCE, check=True)
        return done.stdout.strip()

    def _wait_until(self, expression: str) -> None:
        until = time.monotonic() + PATIENCE
        while self.ask(expression) != "True":
            assert time.monotonic() < until, "\n".join(log.read_text() for log in self.folder.glob("*.log"))

    def stop(self) -> None:
        for process in [*self.workers, *([self.scheduler] if self.scheduler else [])]:
            process.kill()
            process.wait()


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """A scheduler without workers."""
    cluster = Cluster(tmp_path / "cluster")
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()


@pytest.fixture
def site(full: Built, tmp_path: Path) -> Path:
    """The full site, not built yet; `full` is what it must come to."""
    kept = shutil.ignore_patterns("output", ".cache", "__pycache__")
    shutil.copytree(full.folder, tmp_path / "site", symlinks=True, ignore=kept)
    return tmp_path / "site"


def limited(site: Path, address: str, **more: str) -> subprocess.CompletedProcess[str]:
    """A build that is not waited for longer than a reporter would wait."""
    environ = environment(NEWSROOM_CLUSTER=address, **more)
    command = [sys.executable, "-c", BUILD]
    return subprocess.run(command, cwd=site, env=environ, capture_output=True, text=True, check=False, timeout=PATIENCE)


def test_a_cluster_of_two_workers_leaves_the_same_bytes(full: Built, site: Path, cluster: Cluster) -> None:
    cluster.add()
    cluster.add()
    done = invoke(site, "build", NEWSROOM_CLUSTER=cluster.address)
    assert (done.returncode, problems(done.stderr), "Traceback" in done.stderr) == (0, [], False), done.stderr
    assert difference(tree(site / "output"), tree(full.output)) == []
    where = "sorted(client.run(lambda: 'newsroom.articles.stored' in sys.modules).values())"
    assert cluster.ask(where) == "[True, True]", "not both workers read"
    edit(site / "content/articles/2024/01/tiny-1.md", "Example text", "Other text")
    again = invoke(site, "build", NEWSROOM_CLUSTER=cluster.address)
    assert again.returncode == 0, again.stderr
    assert "Other text" in (site / "output/2024/01/tiny-1.html").read_text()
    cluster.stop()
    nothing = invoke(site, "build", NEWSROOM_CLUSTER=cluster.address)
    assert nothing.returncode == 0, "there was nothing to ask a cluster for"


def test_after_a_cluster_has_worked_pages_are_still_rendered_on_all_cores(cluster: Cluster) -> None:
    """A client's threads would forbid it: who copies a process copies the locks that its threads hold."""
    cluster.add()
    code = (
        "import os, sys, time\nfrom newsroom.build.workers import Workers\n"
        "workers = Workers(2, sys.argv[1])\n"
        "print(list(workers.run(sum, [[n, 1] for n in range(20)])) == list(range(1, 21)))\n"
        "print(len(set(workers.near(lambda _: time.sleep(0.01) or os.getpid(), range(50)))))\n"
    )
    command = [sys.executable, "-c", code, cluster.address]
    done = subprocess.run(
        command, cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=PATIENCE, check=True
    )
    assert (done.stdout, done.stderr) == ("True\n2\n", "")


def test_the_process_that_asks_a_cluster_ends_with_its_build(cluster: Cluster) -> None:
    cluster.add()
    cluster.workers[0].send_signal(signal.SIGSTOP)
    code = "import sys\nfrom newsroom.build.workers import Workers\nlist(Workers(2, sys.argv[1]).run(sum, [[1], [2]]))"
    command = [sys.executable, "-c", code, cluster.address]
    build = subprocess.Popen(command, cwd=ROOT, env=environment(), start_new_session=True)
    until = time.monotonic() + PATIENCE
    while len(group(build.pid)) < 2:
        assert time.monotonic() < until
        time.sleep(0.05)
    time.sleep(2)  # the work is at the worker, who does none
    build.kill()
    assert build.wait() == -signal.SIGKILL
    assert all_end(build.pid, 2)


def test_problems_that_a_cluster_finds_are_those_of_any_build(site: Path, cluster: Cluster) -> None:
    cluster.add()
    edit(site / "content/articles/2024/01/tiny-1.md", "title: ", "titel: ")
    edit(site / "content/articles/2024/02/tiny-30.md", "First section", "No section")
    here = invoke(site, "build")
    there = invoke(site, "build", NEWSROOM_CLUSTER=cluster.address)
    assert (here.returncode, there.returncode) == (1, 1)
    assert problems(there.stderr) == problems(here.stderr) != []


def test_workers_with_another_version_of_this_package_are_not_believed(
    full: Built, site: Path, cluster: Cluster, tmp_path: Path
) -> None:
    """Else their readings would stand in the cache as if this version had made them."""
    shutil.copytree(ROOT / "newsroom", tmp_path / "other" / "newsroom", ignore=shutil.ignore_patterns("__pycache__"))
    edit(tmp_path / "other/newsroom/articles/stored.py", "body.html, ", "body.html + '<p>Another version</p>', ")
    cluster.add(tmp_path / "other")
    done = invoke(site, "build", NEWSROOM_CLUSTER=cluster.address)
    assert "Traceback" not in done.stderr
    if done.returncode:
        (problem,) = problems(done.stderr)
        assert problem.startswith("environment:1: ")
        assert "version" in problem
    else:
        assert difference(tree(site / "output"), tree(full.output)) == []
    alone = invoke(site, "build")
    assert alone.returncode == 0, alone.stderr
    assert difference(tree(site / "output"), tree(full.output)) == [], "the cache keeps what another version read"


def test_workers_without_this_package_are_a_problem_with_a_remedy(site: Path, cluster: Cluster) -> None:
    cluster.add(ROOT / "requirements")
    done = limited(site, cluster.address)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    (problem,) = problems(done.stderr)
    assert problem.startswith("environment:1: "), problem


def test_a_cluster_without_workers_is_a_problem(minimal_copy: Path, cluster: Cluster) -> None:
    done = invoke(minimal_copy, "build", NEWSROOM_CLUSTER=cluster.address)
    assert done.returncode == 1
    assert problems(done.stderr) == [
        f"environment:1: the cluster at {cluster.address!r} has no workers; start one, or unset it"
    ]


@pytest.mark.parametrize(
    "address", ["tcp://127.0.0.1:1", "nonsense", "tcp://", "http://127.0.0.1:1", "tcp://a.invalid:8786"]
)
def test_a_wrong_address_is_a_problem(minimal_copy: Path, address: str) -> None:
    done = invoke(minimal_copy, "build", NEWSROOM_CLUSTER=address)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    (problem,) = problems(done.stderr)
    assert problem.startswith(f"environment:1: the cluster at {address!r} does not answer (")
    assert problem.endswith("); start its scheduler, or unset NEWSROOM_CLUSTER")
    assert not (minimal_copy / "output").exists()


def test_a_port_that_is_no_schedulers_is_a_problem(minimal_copy: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        done = limited(minimal_copy, address)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert [line.partition(" (")[0] for line in problems(done.stderr)] == [
        f"environment:1: the cluster at {address!r} does not answer"
    ]


def test_without_distributed_the_setting_is_a_problem(minimal_copy: Path, tmp_path: Path) -> None:
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules" / "distributed.py").write_text("raise ImportError('as if it were not there')")
    paths = os.pathsep.join([str(tmp_path / "modules"), str(ROOT)])
    done = limited(minimal_copy, "tcp://127.0.0.1:1", PYTHONPATH=paths)
    assert done.returncode == 1
    assert problems(done.stderr) == [
        "environment:1: NEWSROOM_CLUSTER is set, and dask.distributed is not installed; "
        "install requirements/cluster.txt into .venv, or unset it"
    ]


@pytest.mark.parametrize("left", [1, 0], ids=["one is left", "none is left"])
def test_workers_that_die_during_a_build_make_it_no_riddle(
    full: Built, site: Path, cluster: Cluster, left: int
) -> None:
    cluster.add()
    cluster.add()
    for worker in cluster.workers:
        worker.send_signal(signal.SIGSTOP)
    more = environment(NEWSROOM_CLUSTER=cluster.address)
    with subprocess.Popen(
        [sys.executable, "-c", BUILD], cwd=site, env=more, stderr=subprocess.PIPE, text=True
    ) as build:
        try:
            time.sleep(4)  # it has handed out its work by then
            for worker in cluster.workers[left:]:
                worker.kill()
            for worker in cluster.workers[:left]:
                worker.send_signal(signal.SIGCONT)
            _, printed = build.communicate(timeout=60)
        finally:
            build.kill()
    assert "Traceback" not in printed
    if left:
        assert build.returncode == 0, printed
        assert difference(tree(site / "output"), tree(full.output)) == []
    else:
        assert build.returncode == 1
        assert [line.partition(" ")[0] for line in problems(printed)] == ["environment:1:"]
