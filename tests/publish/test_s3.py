"""Publishing to buckets: moto's server stands for S3, s3rver for hosts that know no conditional requests."""

from __future__ import annotations

import itertools
import json
import logging
import multiprocessing
import os
import random
import re
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from newsroom.publish.headers import cache_control, content_type
from newsroom.publish.manifest import MANIFEST, PROOFS, SIGNATURE, phases
from newsroom.publish.targets.base import PublishFailed, Release
from newsroom.publish.targets.bucket import Pace
from newsroom.publish.targets.s3 import S3Target
from newsroom.publish.targets.s3address import keys, read_address
from newsroom.publish.targets.s3lock import LOCK
from newsroom.publish.targets.s3plan import PENDING
from tests.publish import buckets
from tests.publish.buckets import (
    ANY_KEY,
    KEYS,
    QUICK,
    Fault,
    Host,
    Request,
    broken_pages,
    files_of,
    free_port,
    proxy,
    publish,
    reading,
    release,
    running,
)

COUNT = itertools.count(1)


@pytest.fixture(scope="session")
def moto(requires_moto: str) -> Iterator[int]:
    """The port of moto's server."""
    port = free_port()
    with running([requires_moto, "-H", "127.0.0.1", "-p", str(port)], port):
        yield port


def new_bucket(port: int) -> Host:
    return Host(port, f"bucket-{next(COUNT)}", ANY_KEY).make()


@pytest.fixture
def host(moto: int, monkeypatch: pytest.MonkeyPatch) -> Host:
    """An empty bucket of a host that is like Amazon's."""
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    return new_bucket(moto)


@pytest.fixture
def simple_host(requires_s3rver: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    """An empty bucket of a host that ignores conditions."""
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    port = free_port()
    command = [requires_s3rver, "-d", str(tmp_path / "s3rver"), "-a", "127.0.0.1", "-p", str(port), "--silent"]
    with running([*command, "--configure-bucket", "bucket"], port):
        yield Host(port, "bucket")


def content(made: Release) -> dict[str, buckets.Object]:
    """What a bucket holds when a release was put there and nothing else."""
    return {name: (data, content_type(name), cache_control(name)) for name, data in files_of(made).items()}


def failure(do: Callable[[], object]) -> str:
    with pytest.raises(PublishFailed) as error:
        do()
    return str(error.value)


def nothing(what: str, done: int, of: int) -> None:
    """Progress that nobody sees."""


PUT_MEANWHILE = "s3://{}: another publish put a release there meanwhile; publish again"


def once(method: str, name: str, number: int, fault: Fault) -> Callable[[Request], Fault | None]:
    return lambda each: fault if (each.method, each.name, each.number) == (method, name, number) else None


# What is put, and with what.


@pytest.mark.parametrize("prefix", ["", "sites/one"])
def test_a_bucket_holds_the_release_and_nothing_else(host: Host, tmp_path: Path, prefix: str) -> None:
    host.prefix = prefix
    made = release(tmp_path / "a", "a", None)
    said = publish(host.target(), made)
    assert said == f"{len(made.manifest.files) + 2} files sent, 0 removed, 0 were there already"
    assert host.objects() == content(made)
    assert broken_pages(host) == []


def test_only_what_differs_is_sent_and_what_a_release_no_longer_has_is_removed(host: Host, tmp_path: Path) -> None:
    first = release(tmp_path / "a", "a", None)
    publish(host.target(), first)
    second = release(tmp_path / "b", "b", first.manifest)
    with proxy(host) as spy:
        said = publish(host.target(spy.port), second)
    put = {each.name for each in spy.requests if each.method == "PUT"} - {LOCK, PENDING}
    removed = {each.name for each in spy.requests if each.method == "DELETE"} - {LOCK, PENDING}
    assert removed == first.manifest.files.keys() - second.manifest.files.keys()
    assert put == {name for name, data in files_of(second).items() if files_of(first).get(name) != data}
    assert said == f"{len(put)} files sent, 2 removed, {len(second.manifest.files) + 2 - len(put)} were there already"
    assert host.objects() == content(second)


def test_what_is_there_already_is_not_sent_again(host: Host, tmp_path: Path) -> None:
    made = release(tmp_path / "a", "a", None)
    publish(host.target(), made)
    with proxy(host) as spy:
        said = publish(host.target(spy.port), made)
    assert {each.name for each in spy.requests if each.method in ("PUT", "DELETE")} == {LOCK}
    assert said == f"0 files sent, 0 removed, {len(made.manifest.files) + 2} were there already"


def test_files_of_somebody_else_stay(host: Host, tmp_path: Path) -> None:
    host.put("theirs.html", b"theirs")
    first = release(tmp_path / "a", "a", None)
    publish(host.target(), first)
    publish(host.target(), release(tmp_path / "b", "b", first.manifest))
    assert host.get("theirs.html") == b"theirs"


def test_other_headers_send_every_file_again(host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = release(tmp_path / "a", "a", None)
    publish(host.target(), made)
    for module in ("s3send", "bucket"):
        monkeypatch.setattr(f"newsroom.publish.targets.{module}.cache_control", lambda name: "no-store")
    assert publish(host.target(), made).startswith(f"{len(made.manifest.files) + 2} files sent, ")
    assert {cache for _, _, cache in host.objects().values()} == {"no-store"}


def test_a_file_in_parts_is_known_by_the_manifest_before(
    host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("newsroom.publish.targets.bucket._PART", 5_300_000)  # the least that parts may have is 5 MiB
    site = {"site.zip": random.Random(1).randbytes(6_000_000), "index.html": b"<html></html>\n"}
    monkeypatch.setattr(buckets, "site", lambda edition: {**site, "edition.txt": edition.encode()})
    first = release(tmp_path / "a", "a", None)
    publish(host.target(), first)
    assert host.get("site.zip") == site["site.zip"]
    with proxy(host) as spy:
        publish(host.target(spy.port), release(tmp_path / "b", "b", first.manifest))
    assert {each.name for each in spy.requests if each.method != "GET"} == {LOCK, PENDING, "edition.txt", *PROOFS}


def test_a_host_whose_etags_are_no_sums_gets_what_differs_and_what_is_doubtful(host: Host, tmp_path: Path) -> None:
    """As where objects are encrypted: a page of a release that was given up has the size of the one before."""
    first = release(tmp_path / "a", "a", None)
    with proxy(host) as spoiled:
        spoiled.encrypts = True
        publish(host.target(spoiled.port), first)
        assert publish(host.target(spoiled.port), first).startswith("2 files sent, ")  # the proofs
        spoiled.fault = once("PUT", "feed.xml", 1, buckets.denied)
        failure(lambda: publish(host.target(spoiled.port), release(tmp_path / "b", "b", first.manifest)))
        assert len(host.get("index.html") or b"") == first.manifest.files["index.html"].size
        second = release(tmp_path / "a again", "a", first.manifest)
        publish(host.target(spoiled.port), second)
    assert host.objects() == content(second)


@pytest.mark.parametrize("fault", [buckets.lying, buckets.truncating])
def test_such_a_host_is_believed_no_lie_either(host: Host, tmp_path: Path, fault: Fault) -> None:
    first = release(tmp_path / "a", "a", None)
    with proxy(host) as spoiled:
        spoiled.encrypts = True
        publish(host.target(spoiled.port), first)
        spoiled.fault = lambda each: fault if (each.method, each.name) == ("PUT", "index.html") else None
        said = failure(lambda: publish(host.target(spoiled.port), release(tmp_path / "b", "b", first.manifest)))
    assert "the host said that it has index.html" in said


def test_phases_follow_each_other_and_each_is_listed_before_the_next(host: Host, tmp_path: Path) -> None:
    first = release(tmp_path / "a", "a", None)
    publish(host.target(), first)
    second = release(tmp_path / "b", "b", first.manifest)
    with proxy(host) as spy:
        publish(host.target(spy.port), second)
    asked = [(each.method, each.name) for each in spy.requests if each.name not in (LOCK, PENDING)]
    expected = [set(names) for names in phases(second.manifest, first.manifest)] + [{each} for each in PROOFS]
    gone = first.manifest.files.keys() - second.manifest.files.keys()
    expected += [{name for name in gone if name.endswith(".html")}, {name for name in gone if name.endswith(".jpg")}]
    steps: list[set[str]] = [set()]
    for method, name in asked:
        if (method, name) == ("GET", ""):
            steps.append(set())
        elif method != "GET":
            steps[-1].add(name)
    sent = [step for step in steps if step]
    assert len(sent) == len(expected)
    assert all(step <= whole for step, whole in zip(sent, expected, strict=True))


def test_progress_counts_every_file(host: Host, tmp_path: Path) -> None:
    first = release(tmp_path / "a", "a", None)
    publish(host.target(), first)
    second = release(tmp_path / "b", "b", first.manifest)
    seen: list[tuple[str, int, int]] = []
    target = host.target()
    with target.lock():
        said = target.put(second, first.manifest, lambda *said: seen.append(said))
    sent, removed = map(int, re.findall(r"(\d+) files sent, (\d+) removed", said)[0])
    steps = sent + removed
    assert seen == [(f"publishing to s3://{host.bucket}", done, steps) for done in range(1, steps + 1)]


# How much is removed.


def test_many_files_are_not_removed_at_once_unless_that_is_said(
    host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {f"{number}.txt": b"x" for number in range(101)}
    monkeypatch.setattr(buckets, "site", lambda edition: files if edition == "a" else {"0.txt": b"x", "new.txt": b"y"})
    first = release(tmp_path / "a", "a", None)
    publish(host.target(), first)
    monkeypatch.setattr("newsroom.publish.targets.s3.DELETES", 99)
    second = release(tmp_path / "b", "b", first.manifest)
    assert failure(lambda: publish(host.target(), second)) == (
        f"s3://{host.bucket}: 100 files would be removed, of 101; if that is meant, publish with NEWSROOM_DELETES=100 "
        "in the environment"
    )
    assert host.objects() == content(first)
    publish(host.target(deletes=100), second)
    assert host.objects() == content(second)


# What goes wrong.

FAULTS = {
    "403": buckets.denied,
    "500": buckets.failed,
    "time-out": buckets.silent_after,
    "truncation": buckets.cut,
    "lying 200": buckets.lying,
    "lying 200 of half a file": buckets.truncating,
}


@pytest.mark.parametrize("fault", FAULTS)
def test_whatever_request_fails_once_pages_are_whole_and_the_next_release_is_as_a_clean_one(
    host: Host, tmp_path: Path, fault: str
) -> None:
    """Each PUT and DELETE by which one edition follows another."""
    first = release(tmp_path / "first", "a", None)
    publish(host.target(), first)
    with proxy(host) as spoiled:
        publish(host.target(spoiled.port), release(tmp_path / "second", "b", first.manifest))
        changes = spoiled.changes()
        assert {method for method, _, _ in changes} == {"PUT", "DELETE"}
        pace = Pace(deadline=1.2 if fault == "time-out" else 30, retries=0, backoff=0.01)
        waiting, turns = deque(changes), iter(range(3 * len(changes)))
        while waiting:
            (method, name, number), turn = waiting.popleft(), next(turns)
            put_back = release(tmp_path / f"{turn} a", "a", host.manifest(), keep=False)
            publish(host.target(), put_back)
            made = release(tmp_path / f"{turn} b", "b", put_back.manifest)
            spoiled.counted.clear()
            spoiled.fault = once(method, name, number, FAULTS[fault])
            with suppress(PublishFailed):
                publish(host.target(spoiled.port, pace), made)
            if spoiled.counted[f"{method} {name}"] <= number:  # on a busy computer another request was late before it
                waiting.append((method, name, number))
            assert broken_pages(host) == [], (method, name, number)
            host.remove(LOCK)  # as if its time had run out
            publish(host.target(), made)
            assert host.objects() == content(made), (method, name, number)


def test_a_host_that_stumbles_at_every_request_once_gets_the_release(host: Host, tmp_path: Path) -> None:
    made = release(tmp_path / "a", "a", None)
    stumbles = [buckets.failed, buckets.throttled, buckets.cut, buckets.failed_after]
    with proxy(host) as spoiled:
        spoiled.fault = lambda each: stumbles[len(each.name) % 4] if each.number == 0 else None
        publish(host.target(spoiled.port, Pace(deadline=5, retries=3, backoff=0.01)), made)
    assert host.objects() == content(made)


def test_a_host_that_does_not_answer_in_time_is_asked_again(host: Host, tmp_path: Path) -> None:
    first = release(tmp_path / "a", "a", None)
    publish(host.target(), first)
    second = release(tmp_path / "b", "b", first.manifest)
    slow = {("PUT", "index.html"), ("DELETE", "2026/1 ខ.html")}
    with proxy(host) as spoiled:
        spoiled.fault = lambda each: buckets.silent if (each.method, each.name) in slow and not each.number else None
        publish(host.target(spoiled.port, Pace(deadline=3, retries=2, backoff=0.01)), second)
        assert min(spoiled.counted["PUT index.html"], spoiled.counted["DELETE 2026/1 ខ.html"]) >= 2
    assert host.objects() == content(second)


def test_a_refusal_is_not_tried_again_and_is_said_in_one_sentence(host: Host, tmp_path: Path) -> None:
    made = release(tmp_path / "a", "a", None)
    with proxy(host) as spoiled:
        spoiled.fault = lambda each: buckets.denied if each.method == "PUT" and each.name == "index.html" else None
        said = failure(lambda: publish(host.target(spoiled.port, Pace(backoff=0.01)), made))
    assert said == (
        f"s3://{host.bucket}: index.html could not be sent (403 Forbidden, AccessDenied); allow that to the key in "
        "use, and publish again"
    )
    assert spoiled.counted["PUT index.html"] == 1


@pytest.mark.parametrize("fault", [buckets.lying, buckets.truncating])
def test_no_page_is_sent_when_a_part_of_it_is_not_as_the_host_said(host: Host, tmp_path: Path, fault: Fault) -> None:
    made = release(tmp_path / "a", "a", None)
    style = next(name for name in made.manifest.files if name.endswith(".css"))
    with proxy(host) as spoiled:
        spoiled.fault = lambda each: fault if each.name == style and each.method == "PUT" else None
        said = failure(lambda: publish(host.target(spoiled.port), made))
    assert said == (
        f"s3://{host.bucket}: the host said that it has {style}, but does not list it as it was sent; publish again, "
        "and ask the host if that does not help"
    )
    assert not [name for name in host.names() if name.endswith((".html", ".xml")) or name in PROOFS]


def test_a_host_that_says_it_removed_what_it_still_has_is_not_believed(host: Host, tmp_path: Path) -> None:
    first = release(tmp_path / "a", "a", None)
    publish(host.target(), first)
    second = release(tmp_path / "b", "b", first.manifest)
    with proxy(host) as spoiled:
        spoiled.fault = lambda each: buckets.lying if each.method == "DELETE" and each.name != LOCK else None
        said = failure(lambda: publish(host.target(spoiled.port), second))
    assert said == (
        f"s3://{host.bucket}: the host said that it removed 2026/1 ខ.html, but still lists it; publish again, and ask "
        "the host if that does not help"
    )
    publish(host.target(), second)
    assert host.objects() == content(second)


def test_what_cannot_be_reached_or_opened_is_said_in_one_sentence(
    host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = S3Target(f"s3://bucket?endpoint=http://127.0.0.1:{free_port()}", pace=QUICK)
    assert failure(lambda: nowhere.read("x")) == (
        "s3://bucket: x could not be read (the connection broke); publish again"
    )
    missing = Host(host.port, "nobodys").target()
    for do in (lambda: missing.read("x"), lambda: publish(missing, release(tmp_path / "a", "a", None))):
        assert failure(do).endswith("(404 Not Found, NoSuchBucket); make the bucket, or correct publish_to")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert failure(lambda: host.target().read("x")) == (
        f"s3://{host.bucket}: no keys open it; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or keep them in "
        "~/.aws/credentials"
    )


# Publishers that die.


def resumed(host: Host, editions: Iterator[str], folder: Path) -> None:
    """What the next release after a dead one leaves: exactly itself."""
    host.remove(LOCK)  # as if its time had run out
    made = release(folder, next(editions), host.manifest())
    publish(host.target(pace=Pace(deadline=10)), made)
    assert host.objects() == content(made)


@pytest.mark.parametrize("seed", range(4))
def test_a_publisher_killed_at_any_moment_leaves_whole_pages_and_nothing_that_stays(
    host: Host, tmp_path: Path, seed: int
) -> None:
    """50 kills each, at a request, before or after it was done, or at a moment; the next release is any edition."""
    chosen = random.Random(seed)
    editions = iter(lambda: chosen.choice("abc"), "")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.publish.buckets"])
    with proxy(host) as middle, reading(host) as seen:
        publish(host.target(middle.port), release(tmp_path / "first", "a", None))
        requests, died, turn = len(middle.requests), 0, 0
        while died < 50:
            turn += 1
            made = release(tmp_path / f"{turn}", next(editions), host.manifest())
            child = context.Process(target=buckets.publish_in_child, args=(host.address(middle.port), str(made.folder)))
            middle.requests.clear()
            middle.fault = kill_at(chosen.randrange(2, requests), chosen.random() < 0.5, middle, child)
            moment = chosen.uniform(0.02, 0.3)
            child.start()
            if turn % 5 == 0:
                child.join(moment)
                child.kill()
            child.join()
            assert broken_pages(host) == []
            died += child.exitcode == -signal.SIGKILL
            resumed(host, editions, tmp_path / f"after {turn}")
    assert seen.keys() == {"opened"}
    assert seen["opened"] > 50


def kill_at(number: int, after: bool, middle: buckets.Proxy, child: BaseProcess) -> Callable[[Request], Fault | None]:
    """A fault that kills the publisher at its request of that number, before it is done, or `after`."""

    def fault(request: Request, forward: buckets.Forward) -> buckets.Answer:
        if after:
            forward(request.body)
        child.kill()
        return None

    return lambda each: fault if len(middle.requests) == number else None


def test_leftovers_of_a_release_that_was_given_up_are_removed_by_another(host: Host, tmp_path: Path) -> None:
    first = release(tmp_path / "a", "a", None)
    publish(host.target(), first)
    with proxy(host) as spoiled:
        spoiled.fault = lambda each: buckets.denied if each.name == "feed.xml" and each.method == "PUT" else None
        failure(lambda: publish(host.target(spoiled.port), release(tmp_path / "b", "b", first.manifest)))
    assert "2026/3 ខ.html" in host.names()
    third = release(tmp_path / "c", "c", first.manifest)
    publish(host.target(), third)
    assert host.objects() == content(third)


def test_a_list_of_leftovers_that_no_publisher_wrote_stops_the_release(host: Host, tmp_path: Path) -> None:
    host.put(PENDING, b"{}")
    assert failure(lambda: publish(host.target(), release(tmp_path / "a", "a", None))) == (
        f"s3://{host.bucket}: {PENDING} is not what a publisher wrote; remove it, and what should not be there"
    )


# Publishers beside each other.


def test_of_two_publishers_one_gets_the_lock_a_hundred_times(host: Host) -> None:
    targets = [host.target(), host.target()]
    winners: list[int] = []
    losers: list[str] = []
    both = threading.Barrier(2, timeout=60)

    def race(number: int) -> None:
        for _ in range(100):
            both.wait()
            try:
                with targets[number].lock():
                    winners.append(number)
                    both.wait()  # held until the other has tried
            except PublishFailed as error:
                losers.append(str(error))
                both.wait()

    threads = [threading.Thread(target=race, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(winners) == 100
    assert set(winners) == {0, 1}
    assert len([said for said in losers if "another publish" in said]) == 100
    assert host.names() == set()


def hold(host: Host, pace: Pace, **more: object) -> Callable[[], None]:
    """A publisher that takes the lock and dies: answers what would give it back."""
    context = host.target(pace=pace, **more).lock()
    context.__enter__()
    return lambda: context.__exit__(None, None, None) and None


def test_a_publisher_at_work_keeps_others_away_and_gives_way_when_it_is_done(host: Host) -> None:
    give_back = hold(host, QUICK)
    assert re.sub(r"1[12]\d seconds", "120 seconds", failure(lambda: hold(host, QUICK))) == (
        f"s3://{host.bucket}: another publish is at work there; wait until it ends, then publish again (one that died "
        "is forgotten in 120 seconds)"
    )
    give_back()
    hold(host, QUICK)()
    assert host.names() == set()


def die_with_lock(address: str) -> None:
    os.environ.update(KEYS)
    with S3Target(address, pace=Pace(lease=5)).lock():
        os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize("clock", [0.0, 4e9], ids=["of 1970", "of 2096"])
def test_the_lock_of_a_dead_publisher_runs_out_by_the_hosts_clock(host: Host, clock: float) -> None:
    child = multiprocessing.get_context("forkserver").Process(target=die_with_lock, args=(host.address(),))
    child.start()
    child.join()
    assert child.exitcode == -signal.SIGKILL
    said = failure(lambda: hold(host, QUICK, now=lambda: clock))
    assert "another publish is at work there" in said
    time.sleep(6.1)  # the host tells whole seconds
    hold(host, QUICK, now=lambda: clock)()
    assert host.names() == set()


@pytest.mark.parametrize("clock", [0.0, 4e9], ids=["of 1970", "of 2096"])
def test_a_wrong_clock_takes_no_lock_from_the_living(host: Host, clock: float) -> None:
    give_back = hold(host, QUICK, now=lambda: clock)
    assert "another publish is at work there" in failure(lambda: hold(host, QUICK, now=lambda: 4e9 - clock))
    give_back()


def test_a_lock_is_renewed_while_it_is_held(host: Host) -> None:
    pace = Pace(deadline=5, lease=6)
    give_back = hold(host, pace)
    time.sleep(7.5)
    assert "another publish is at work there" in failure(lambda: hold(host, pace))
    renewed = json.loads(host.get(LOCK) or b"")["renewed"]
    give_back()
    assert renewed >= 2


def test_a_publisher_whose_lock_went_to_another_puts_no_proofs(host: Host, tmp_path: Path) -> None:
    first = release(tmp_path / "a", "a", None)
    publish(host.target(), first)
    target = host.target()
    second = release(tmp_path / "b", "b", first.manifest)
    with target.lock():
        host.remove(LOCK)
        give_back = hold(host, QUICK)
        said = failure(lambda: target.put(second, first.manifest, nothing))
    assert said == (f"s3://{host.bucket}: this publish was away so long that its lock went to another; publish again")
    assert [host.get(name) for name in PROOFS] == [files_of(first)[name] for name in PROOFS]
    assert LOCK in host.names()  # the other's
    give_back()


def test_a_publisher_that_slept_longer_than_its_lease_sends_nothing_more(
    host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = release(tmp_path / "a", "a", None)
    target = host.target()
    with target.lock():
        slept = time.clock_gettime(time.CLOCK_BOOTTIME) + 121
        monkeypatch.setattr("newsroom.publish.targets.s3lock._clock", lambda: slept)
        said = failure(lambda: target.put(made, None, nothing))
        monkeypatch.undo()
    assert "this publish was away so long" in said
    assert host.names() - {LOCK, PENDING} == set()


def test_a_release_that_somebody_else_put_meanwhile_is_not_overwritten(host: Host, tmp_path: Path) -> None:
    """Before anything is sent, and after all files but the proofs."""
    first = release(tmp_path / "a", "a", None)
    second = release(tmp_path / "b", "b", first.manifest)
    third = release(tmp_path / "c", "c", second.manifest)
    publish(host.target(), first)

    def others(request: Request, forward: buckets.Forward) -> buckets.Answer:
        host.put(MANIFEST, files_of(second)[MANIFEST])
        return forward(request.body)

    target = host.target()
    with target.lock():
        assert failure(lambda: target.put(third, second.manifest, nothing)) == PUT_MEANWHILE.format(host.bucket)
    assert host.objects() == content(first)
    with proxy(host) as spoiled:
        spoiled.fault = once("PUT", "feed.xml", 0, others)
        assert failure(lambda: publish(host.target(spoiled.port), third)) == PUT_MEANWHILE.format(host.bucket)
    assert host.get(MANIFEST) == files_of(second)[MANIFEST]
    assert host.get(SIGNATURE) == files_of(first)[SIGNATURE]


def test_a_release_is_put_over_one_that_is_not_believed(host: Host, tmp_path: Path) -> None:
    publish(host.target(), release(tmp_path / "a", "a", None))
    host.put(MANIFEST, b"somebody's", **{"x-amz-meta-headers": "x"})
    second = release(tmp_path / "b", "b", None)
    target = host.target()
    with target.lock():
        target.put(second, None, nothing)
    assert {name: host.object(name) for name in content(second)} == content(second)


def test_a_signature_goes_when_releases_are_no_longer_signed(host: Host, tmp_path: Path) -> None:
    first = release(tmp_path / "a", "a", None)
    publish(host.target(), first)
    second = release(tmp_path / "b", "b", first.manifest)
    (second.folder / SIGNATURE).unlink()
    publish(host.target(), second)
    assert host.objects() == content(second)


# Hosts that ignore conditions.


def test_a_lock_is_not_trusted_where_the_host_ignores_conditions_and_publishing_works(
    simple_host: Host, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    first = release(tmp_path / "a", "a", None)
    with caplog.at_level(logging.WARNING):
        publish(simple_host.target(), first)
    assert [record.getMessage() for record in caplog.records] == [
        "s3://bucket: the host knows no conditional requests, so it cannot keep two publishers apart; let only one "
        "computer publish there"
    ]
    assert {name: data for name, (data, _, _) in simple_host.objects().items()} == files_of(first)
    second = release(tmp_path / "b", "b", first.manifest)
    target = simple_host.target()
    with target.lock():
        give_back = hold_after(simple_host)
        assert "its lock went to another" in failure(lambda: target.put(second, first.manifest, nothing))
    give_back()
    publish(simple_host.target(), second)
    assert {name: data for name, (data, _, _) in simple_host.objects().items()} == files_of(second)
    assert publish(simple_host.target(), second).startswith("0 files sent, 0 removed, ")


@pytest.mark.parametrize("status", [400, 501])
def test_a_host_that_refuses_conditions_is_published_to_without(
    host: Host, tmp_path: Path, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    made = release(tmp_path / "a", "a", None)
    with proxy(host) as spoiled:
        spoiled.fault = lambda each: (
            (lambda request, forward: (status, {}, b"<Error><Code>NotImplemented</Code></Error>"))
            if {"if-match", "if-none-match"} & {name.lower() for name in each.headers}
            else None
        )
        publish(host.target(spoiled.port), made)
    assert host.objects() == content(made)
    assert len(caplog.records) == 1


def hold_after(host: Host) -> Callable[[], None]:
    """A second publisher that looked before the first put its lock there, and puts its own over it."""
    held = host.get(LOCK) or b""
    host.remove(LOCK)
    give_back = hold(host, QUICK)
    assert host.get(LOCK) != held
    return give_back


# Addresses and keys.


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("s3://", "publish_to 's3://' is no address of a bucket; {form}"),
        ("s3://b/../c", "publish_to 's3://b/../c' is no address of a bucket; {form}"),
        ("s3://b?regoin=x", "publish_to 's3://b?regoin=x' says 'regoin', which means nothing; {form}"),
        ("s3://b?endpoint=x", "publish_to 's3://b?endpoint=x' has an endpoint that is no web address; {form}"),
        (
            "s3://b?endpoint=http://h.example",
            "publish_to 's3://b?endpoint=http://h.example' would send everything unencrypted; write https:// before "
            "its endpoint",
        ),
        (
            "s3://KEY:SECRET@b",
            "publish_to 's3://' holds keys; put them into AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY instead",
        ),
    ],
)
def test_an_address_that_cannot_be_used_is_said(written: str, said: str) -> None:
    form = "write it as 's3://bucket/folder?endpoint=https://…&region=…', of which the bucket is enough"
    assert failure(lambda: S3Target(written)) == said.format(form=form)


@pytest.mark.parametrize(
    "endpoint", ["http://localhost:9", "http://127.0.0.1:9", "http://[::1]:9", "https://h.example"]
)
def test_only_this_computer_is_spoken_to_unencrypted(endpoint: str) -> None:
    address = read_address(f"s3://bucket/a/b/?endpoint={endpoint}&region=eu")
    assert (address.endpoint, address.prefix, address.region) == (endpoint, "a/b", "eu")
    assert S3Target(f"s3://bucket/a/b/?endpoint={endpoint}").name == "s3://bucket/a/b"


def test_keys_are_also_found_where_amazons_own_program_keeps_them(tmp_path: Path) -> None:
    file = tmp_path / ".aws" / "credentials"
    file.parent.mkdir()
    file.write_text("[default]\naws_access_key_id = d\naws_secret_access_key = e%f\n[one]\naws_session_token=t\n")
    home = {"HOME": str(tmp_path)}
    assert keys("s3://b", home) == {"access_key_id": "d", "secret_access_key": "e%f"}
    assert keys("s3://b", {**home, "AWS_PROFILE": "one"})["session_token"] == "t"
    assert keys("s3://b", {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", **home}) == {}
    assert keys("s3://b", {"HOME": "/nowhere", "AWS_WEB_IDENTITY_TOKEN_FILE": "x"}) == {}
    with pytest.raises(PublishFailed):
        keys("s3://b", {**home, "AWS_PROFILE": "two"})
