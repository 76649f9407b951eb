"""Verifying copies of a site: in a folder, in a zip, and on hosts that lie, dawdle, drown and lead astray."""

from __future__ import annotations

import os
import shutil
import socket
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsroom.files import digest
from newsroom.publish.copies import Copy, FolderCopy, Unreachable, ZipCopy
from newsroom.publish.faults import Kind, of_files
from newsroom.publish.keys import KEYS
from newsroom.publish.manifest import MANIFEST, PREVIOUS, SIGNATURE
from newsroom.publish.trust import Seen
from newsroom.publish.verify import Report, open_copy, verify, verify_source
from newsroom.publish.webcopy import Patience, WebCopy
from tests.hosting import serving
from tests.publish.signed import DAY, FILES, NOW, SITE, Press, key

ROOT = key(1).public
PATIENT = Patience(wait=30, again=0)  # busy computers test too
HASTY = Patience(wait=1, rate=50_000, again=0)
Open = Callable[[Path], Copy]


class Host(SimpleHTTPRequestHandler):
    """A good host; `answers` is by path what it does instead of answering with the file."""

    protocol_version = "HTTP/1.1"

    def __init__(self, *arguments: Any, answers: dict[str, Callable[[Host], None]], **options: Any) -> None:
        self.answers = answers
        super().__init__(*arguments, **options)

    def do_GET(self) -> None:
        answer = self.answers.get(unquote(self.path).lstrip("/"))
        if answer:
            answer(self)
        else:
            super().do_GET()

    def log_message(self, format: str, *args: Any) -> None:
        del format, args


@contextmanager
def host(folder: Path, answers: dict[str, Callable[[Host], None]] | None = None) -> Iterator[str]:
    with serving(partial(Host, directory=str(folder), answers=answers or {})) as port:
        yield f"http://127.0.0.1:{port}/"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder that holds a good release."""
    folder = tmp_path / "site"
    Press().print(folder)
    return folder


@pytest.fixture(params=["folder", "zip", "web"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    """A way to open the copy in a folder: as it is, packed, or served."""
    hosts: list[Any] = []

    def give(folder: Path) -> Copy:
        if request.param == "folder":
            return FolderCopy(folder)
        if request.param == "zip":
            return ZipCopy(Path(shutil.make_archive(str(tmp_path / "packed"), "zip", folder)))
        hosts.append(host(folder))
        return WebCopy(hosts[-1].__enter__(), PATIENT)

    yield give
    for each in hosts:
        each.__exit__(None, None, None)


def checked(copy: Copy, now: int = NOW, seen: Seen | None = None) -> Report:
    try:
        return verify(copy, ROOT, now, {SITE: seen} if seen else {})
    finally:
        if isinstance(copy, WebCopy):
            copy.close()


def found(report: Report) -> dict[Kind, tuple[str, ...]]:
    return {fault.kind: fault.names for fault in report.faults}


def test_a_good_copy_is_verified(site: Path, opened: Open) -> None:
    report = checked(opened(site))
    assert report.faults == []
    assert report.status == 0
    assert (report.checked, report.size) == (len(FILES) + 2, sum(map(len, FILES.values())) + kept_size(site))
    assert report.text().endswith(
        f"release 1 of {SITE}, 7 files, {report.size:,} bytes: whole, and signed by the newsroom whose root key is "
        f"{ROOT}."
    )


def kept_size(site: Path) -> int:
    return sum((site / name).stat().st_size for name in (KEYS, f"{KEYS}.minisig"))


def test_a_changed_file_is_told(site: Path, opened: Open) -> None:
    (site / "index.html").write_bytes(b"<p>frunt")
    (site / "2026/11/story.html").write_bytes(b"<p>story, and what was added")
    (site / "theme/css/site.12345678.css").write_bytes(b"p{")
    report = checked(opened(site))
    assert found(report) == {Kind.TAMPERED: ("2026/11/story.html", "index.html", "theme/css/site.12345678.css")}
    assert report.status == 1
    assert report.text().splitlines()[0] == (
        "TAMPERED: 3 files are not as the newsroom signed: somebody changed what is there; do not believe it, and use "
        "another address"
    )


def test_a_file_of_the_release_before_is_told_from_a_changed_one(tmp_path: Path, opened: Open) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    before = Press().print(old, {**FILES, "index.html": b"<p>a longer front than the next one"})
    Press().print(new, version=2, previous=before)
    shutil.copy(old / "index.html", new / "index.html")
    (new / "2026/11/story.html").write_bytes(b"<p>forgd")
    assert found(checked(opened(new))) == {Kind.TAMPERED: ("2026/11/story.html",), Kind.MIXED: ("index.html",)}


def test_a_forged_list_of_the_release_before_excuses_nothing(tmp_path: Path, opened: Open) -> None:
    old, new, forged = tmp_path / "old", tmp_path / "new", tmp_path / "forged"
    before = Press().print(old)
    Press().print(new, version=2, previous=before)
    (new / PREVIOUS).write_bytes(Press().print(forged, {**FILES, "index.html": b"<p>forged"}))
    shutil.copy(forged / "index.html", new / "index.html")
    assert found(checked(opened(new))) == {Kind.TAMPERED: ("index.html", PREVIOUS)}


def test_a_missing_file_is_told(site: Path, opened: Open) -> None:
    (site / "index.html").unlink()
    shutil.rmtree(site / "2026")
    assert found(checked(opened(site))) == {Kind.MISSING: ("2026/11/story.html", "index.html")}


def test_an_extra_file_is_told_where_it_can_be_seen(site: Path, opened: Open) -> None:
    (site / "2026/11/forged.html").write_bytes(b"<p>forged")
    copy = opened(site)
    report = checked(copy)
    if isinstance(copy, WebCopy):
        assert report.faults == []
        assert (
            "whether the host has other files, which are not the newsroom's, cannot be seen from outside."
            in report.notes
        )
    else:
        assert found(report) == {Kind.EXTRA: ("2026/11/forged.html",)}


@pytest.mark.parametrize("name", [KEYS, f"{KEYS}.minisig", MANIFEST, SIGNATURE])
def test_a_copy_without_a_proof_is_unsigned(site: Path, opened: Open, name: str) -> None:
    (site / name).unlink()
    report = checked(opened(site))
    assert list(found(report)) == [Kind.UNSIGNED]
    assert report.text().splitlines()[-1].endswith(": not verified.")


def test_rollback_freeze_and_a_wrong_clock_are_told_and_the_files_are_looked_at(site: Path, opened: Open) -> None:
    (site / "index.html").unlink()
    copy = opened(site)
    newer = Seen(1, 12, "0" * 64, str(key(2).public))
    assert list(found(checked(copy, seen=newer))) == [Kind.ROLLBACK, Kind.MISSING]
    assert list(found(checked(copy, now=NOW + 91 * DAY))) == [Kind.EXPIRED, Kind.MISSING]
    assert list(found(checked(copy, now=NOW - DAY))) == [Kind.CLOCK, Kind.MISSING]


def test_a_site_without_a_key_is_compared_with_its_own_manifest(site: Path, opened: Open) -> None:
    copy = opened(site)
    report = verify(copy, None, NOW, {})
    copy.close()
    assert report.status == 0
    assert (
        report.notes[0] == "the release is signed; --key, with the newsroom's root key, says whether by the newsroom."
    )
    assert report.text().endswith("whole, but nobody vouches for it; give the newsroom's root key with --key.")
    (site / "index.html").write_bytes(b"<p>other")
    assert found(verify(FolderCopy(site), None, NOW, {})) == {Kind.TAMPERED: ("index.html",)}


def test_progress_is_shown(site: Path) -> None:
    shown: list[tuple[str, int, int]] = []
    verify(FolderCopy(site), ROOT, NOW, {}, lambda *step: shown.append(step))
    assert shown == [("Verifying", done, 7) for done in range(1, 8)]


@settings(max_examples=30)
@given(st.binary(max_size=300))
def test_no_garbage_in_place_of_a_proof_stops_the_program(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    folder = tmp_path_factory.mktemp("site")
    Press().print(folder)
    for name in (KEYS, f"{KEYS}.minisig", MANIFEST, SIGNATURE):
        whole = (folder / name).read_bytes()
        (folder / name).write_bytes(data)
        assert checked(FolderCopy(folder)).status == 1
        (folder / name).write_bytes(whole)


# Folders and zips


def test_links_and_pipes_of_a_folder_are_no_files(site: Path) -> None:
    (site / "index.html").unlink()
    os.mkfifo(site / "index.html")
    (site / "linked").symlink_to(site / "2026")
    assert found(checked(FolderCopy(site))) == {Kind.UNREACHABLE: ("index.html",), Kind.EXTRA: ("linked",)}


def test_gits_own_folder_is_not_of_the_site(site: Path) -> None:
    (site / ".git").mkdir()
    (site / ".git" / "config").write_text("")
    assert checked(FolderCopy(site)).faults == []


def test_a_zip_may_hold_the_site_in_a_folder(site: Path, tmp_path: Path) -> None:
    packed = shutil.make_archive(str(tmp_path / "packed"), "zip", site.parent, site.name)
    assert checked(ZipCopy(Path(packed))).faults == []
    with zipfile.ZipFile(packed, "a") as archive:
        archive.writestr("beside.html", "")
    assert found(checked(ZipCopy(Path(packed)))) == {Kind.EXTRA: ("../beside.html",)}


def test_a_file_that_is_twice_in_a_zip_is_told(site: Path, tmp_path: Path) -> None:
    """Programs that open it may show the other."""
    packed = shutil.make_archive(str(tmp_path / "packed"), "zip", site)
    with zipfile.ZipFile(packed, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("index.html", FILES["index.html"])
    assert found(checked(ZipCopy(Path(packed)))) == {Kind.EXTRA: ("index.html",)}


def test_a_zip_that_readers_download_is_known_by_its_own_sum(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "site.zip", "w") as archive:
        archive.writestr("news.example/index.html", b"<p>front")
    report = checked(ZipCopy(tmp_path / "site.zip"))
    assert list(found(report)) == [Kind.UNSIGNED]
    assert report.notes == [
        "a zip that readers download holds no release.json; if this is one, its SHA-256, "
        f"{digest((tmp_path / 'site.zip').read_bytes())}, must be the one that release.json names at an address that "
        "you verified."
    ]


def test_a_bomb_in_a_zip_is_not_unpacked(site: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for path in site.rglob("*"):
            if path.is_file() and path.name != "index.html":
                archive.write(path, path.relative_to(site).as_posix())
        archive.writestr("index.html", b"\0" * 50_000_000)
    copy = ZipCopy(tmp_path / "bomb.zip")
    assert sum(map(len, copy.chunks("index.html", 9))) == 9
    assert found(checked(copy)) == {Kind.TAMPERED: ("index.html",)}


def test_a_damaged_zip_is_told(site: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "stored.zip", "w") as archive:
        for path in site.rglob("*"):
            if path.is_file():
                archive.write(path, path.relative_to(site).as_posix())
    data = (tmp_path / "stored.zip").read_bytes()
    (tmp_path / "stored.zip").write_bytes(data.replace(b"<p>front", b"<p>frunt"))
    assert found(checked(ZipCopy(tmp_path / "stored.zip"))) == {Kind.TAMPERED: ("index.html",)}


def test_what_is_no_copy_is_told(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no zip")
    cases = {
        str(tmp_path / "text"): "it is no zip (File is not a zip file)",
        "nothing": "'nothing' is no folder, no zip and no web address; name one",
        "ftp://news.example": "'ftp://news.example' is no web address; write it as 'https://…'",
        "http://user:word@news.example": "'http://user:word@news.example' is no web address; write it as 'https://…'",
        "http://[": "'http://[' is no web address; write it as 'https://…'",
    }
    for source, sentence in cases.items():
        with pytest.raises(Unreachable) as caught:
            open_copy(source)
        assert str(caught.value) == sentence


# Hosts


def answer(status: int, body: bytes = b"", **headers: str) -> Callable[[Host], None]:
    def do(self: Host) -> None:
        self.send_response(status)
        for name, value in {"Content_Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    return do


def endless(self: Host) -> None:
    self.send_response(200)
    self.send_header("Connection", "close")
    self.end_headers()
    self.close_connection = True
    try:
        while True:
            self.wfile.write(b"<" * 65_536)
            SENT.append(65_536)
    except OSError:
        pass


def trickling(headers_too: bool) -> Callable[[Host], None]:
    """A byte now and then, so that no pause is long enough to be one."""

    def do(self: Host) -> None:
        self.close_connection = True
        words = b"HTTP/1.1 200 OK\r\nX-" if headers_too else b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n"
        try:
            self.wfile.write(words)
            while True:
                self.wfile.write(b"x")
                time.sleep(0.1)
        except OSError:
            pass

    return do


SENT: list[int] = []


def test_endless_answers_are_not_read_to_the_end(site: Path) -> None:
    SENT.clear()
    with host(site, {"index.html": endless}) as address:
        assert found(checked(WebCopy(address, PATIENT))) == {Kind.TAMPERED: ("index.html",)}
    assert sum(SENT) < 30_000_000  # what buffers between both hold
    with host(site, {KEYS: endless}) as address:
        report = checked(WebCopy(address, PATIENT))
        assert list(found(report)) == [Kind.FORGED]


@pytest.mark.parametrize("name", ["index.html", MANIFEST])
@pytest.mark.parametrize("headers_too", [True, False])
def test_slow_answers_have_an_end(site: Path, headers_too: bool, name: str) -> None:
    Press().print(site, {**FILES, "index.html": b"x" * 900})
    with host(site, {name: trickling(headers_too)}) as address:
        began = time.monotonic()
        report = checked(WebCopy(address, Patience(wait=2, rate=1_000_000, again=0)))
    assert time.monotonic() - began < 25
    assert list(found(report)) == [Kind.UNREACHABLE]
    if name == MANIFEST:
        (fault,) = report.faults
        assert fault.sentence == "the copy cannot be read (the host is too slow); try again, or use another address"


def test_a_host_that_says_nothing_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        report = checked(WebCopy(f"http://127.0.0.1:{silent.getsockname()[1]}", HASTY))
    assert report.text().splitlines()[0] == (
        "UNREACHABLE: the copy cannot be read (the host is too slow); try again, or use another address"
    )


def test_a_host_that_is_not_there_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    report = checked(WebCopy(f"http://127.0.0.1:{port}", PATIENT))
    assert report.faults[0].sentence == (
        "the copy cannot be read (Connection refused); try again, or use another address"
    )


def test_other_hosts_are_not_asked(site: Path, tmp_path: Path) -> None:
    asked: list[str] = []
    other = tmp_path / "other"
    shutil.copytree(site, other)
    with host(other, {"index.html": lambda self: asked.append(self.path)}) as elsewhere:
        led = answer(302, Location=f"{elsewhere}index.html")
        with host(site, {"index.html": led}) as address:
            report = checked(WebCopy(address, PATIENT))
            assert found(report) == {Kind.ELSEWHERE: ("index.html",)}
        with host(site, {KEYS: answer(302, Location=f"{elsewhere}{KEYS}")}) as address:
            assert checked(WebCopy(address, PATIENT)).faults[0].sentence == (
                f"the address leads to {elsewhere}{KEYS}, which is another host: nothing was fetched from there; "
                "verify that address itself if you know it to be the newsroom's"
            )
    assert asked == []


@pytest.mark.parametrize("to", ["file:///etc/passwd", "http://127.0.0.1:1/", "//127.0.0.1:1/x", "http://[", "gopher:x"])
def test_no_redirect_leads_out(site: Path, to: str) -> None:
    with host(site, {"index.html": answer(307, Location=to)}) as address:
        assert list(found(checked(WebCopy(address, PATIENT)))) == [Kind.ELSEWHERE]


def test_redirects_on_the_host_are_followed_but_not_in_circles(site: Path) -> None:
    shutil.move(site / "index.html", site / "front")
    with host(site, {"index.html": answer(308, Location="/front")}) as address:
        assert checked(WebCopy(address, PATIENT)).faults == []
    with host(site, {"index.html": answer(308, Location="/index.html")}) as address:
        assert found(checked(WebCopy(address, PATIENT))) == {Kind.UNREACHABLE: ("index.html",)}


@pytest.mark.parametrize("status", [404, 410])
def test_a_page_that_stands_for_what_is_gone_may_come_with_its_status(site: Path, status: int) -> None:
    with host(site, {"2026/11/story.html": answer(status, FILES["2026/11/story.html"])}) as address:
        assert checked(WebCopy(address, PATIENT)).faults == []
    with host(site, {"2026/11/story.html": answer(status, b"<p>gone")}) as address:
        assert found(checked(WebCopy(address, PATIENT))) == {Kind.MISSING: ("2026/11/story.html",)}


def test_an_answer_that_ends_early_says_nothing_about_the_file(site: Path) -> None:
    def cut(self: Host) -> None:
        answer(200, b"<p>", Content_Length="8")(self)
        self.close_connection = True

    with host(site, {"index.html": cut}) as address:
        assert found(checked(WebCopy(address, PATIENT))) == {Kind.UNREACHABLE: ("index.html",)}


def test_a_busy_host_is_asked_again(site: Path) -> None:
    turns: list[int] = []

    def busy(self: Host) -> None:
        turns.append(1)
        answer(*((503, b"busy") if len(turns) < 3 else (200, FILES["index.html"])))(self)

    with host(site, {"index.html": busy}) as address:
        assert checked(WebCopy(address, Patience(wait=5, again=2, pause=0.01))).faults == []
    assert len(turns) == 3
    with host(site, {"index.html": answer(500)}) as address:
        assert found(checked(WebCopy(address, PATIENT))) == {Kind.UNREACHABLE: ("index.html",)}


def test_connections_are_kept(site: Path) -> None:
    ports: set[int] = set()

    class Counting(Host):
        def do_GET(self) -> None:
            ports.add(self.client_address[1])
            super().do_GET()

    with serving(partial(Counting, directory=str(site), answers={})) as port:
        assert checked(WebCopy(f"http://127.0.0.1:{port}/", PATIENT)).faults == []
    assert len(ports) <= 1 + 7  # this thread's, and one a worker


def test_hosts_keep_their_own_files_to_themselves(tmp_path: Path) -> None:
    Press().print(tmp_path / "site", {**FILES, "_headers": b"/*"})
    (tmp_path / "site" / "_headers").unlink()
    with host(tmp_path / "site") as address:
        assert checked(WebCopy(address, PATIENT)).faults == []
    assert found(checked(FolderCopy(tmp_path / "site"))) == {Kind.MISSING: ("_headers",)}


def test_a_site_below_a_path_is_verified_by_the_address_of_any_of_its_pages(site: Path) -> None:
    with host(site.parent) as address:
        for written in ("site", "site/", "site/index.html", "site/index.html?x#y"):
            copy = WebCopy(f"{address}{written}", PATIENT)
            assert copy.name == f"{address}site/"
            assert checked(copy).faults == []


def test_the_newsrooms_mirrors_are_told_from_other_addresses(tmp_path: Path) -> None:
    with host(tmp_path) as address:
        Press().print(tmp_path)
        unlisted = f"{address} is not among the addresses that the newsroom lists: {SITE}."
        assert unlisted in checked(WebCopy(address, PATIENT)).notes
        Press(mirrors=(address,)).print(tmp_path)
        assert len(checked(WebCopy(address, PATIENT)).notes) == 1


def test_a_release_that_comes_meanwhile_is_told(site: Path, tmp_path: Path) -> None:
    newer = Press().print(tmp_path / "newer", version=2)

    def renewed(self: Host) -> None:
        (site / MANIFEST).write_bytes(newer)
        answer(200, b"<p>newer")(self)

    with host(site, {"index.html": renewed}) as address:
        report = checked(WebCopy(address, PATIENT))
    assert report.notes[-1] == "the site was published while it was verified; verify again."


class Tunnel(BaseHTTPRequestHandler):
    """What Tor's HTTPTunnelPort does: CONNECT, and nothing else; every name is the one host."""

    asked: list[str] = []  # noqa: RUF012
    to = 0

    def do_CONNECT(self) -> None:
        self.asked.append(self.path)
        self.send_response(200)
        self.end_headers()
        with socket.create_connection(("127.0.0.1", self.to)) as there:
            back = threading.Thread(target=self._pump, args=(there, self.connection), daemon=True)
            back.start()
            self._pump(self.connection, there)
        self.close_connection = True

    @staticmethod
    def _pump(source: socket.socket, target: socket.socket) -> None:
        try:
            while data := source.recv(65_536):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def log_message(self, format: str, *args: Any) -> None:
        del format, args


def test_an_onion_address_is_reached_through_tors_tunnel(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Through(Tunnel):
        asked: list[str] = []  # noqa: RUF012

    with host(site) as address, serving(Through) as port:
        Through.to = int(address.rstrip("/").rpartition(":")[2])
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{port}")
        monkeypatch.delenv("no_proxy", raising=False)
        report = checked(WebCopy("http://newsroomnewsroom.onion/", PATIENT))
    assert report.faults == []
    assert set(Through.asked) == {"newsroomnewsroom.onion:80"}


def test_how_to_reach_an_onion_address_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "all_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    hint = "for onion addresses, add `HTTPTunnelPort 9080` to Tor's torrc and set http_proxy=http://127.0.0.1:9080"
    assert hint in checked(WebCopy("http://newsroomnewsroom.onion/", PATIENT)).faults[0].sentence
    monkeypatch.setenv("http_proxy", "socks5://127.0.0.1:9050")
    with pytest.raises(Unreachable, match=r"^the proxy 'socks5://127.0.0.1:9050' is none that this program knows"):
        WebCopy("http://newsroomnewsroom.onion/")


# The command


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state" / "newsroom" / "seen.json"


def run(source: Path, given: str = "", own: str = str(ROOT), site: str = SITE) -> int:
    return verify_source(str(source), given, own, site, NOW, lambda stage, done, total: None)


def test_what_was_seen_is_remembered_from_run_to_run(
    tmp_path: Path, state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for version in (11, 12):
        Press().print(tmp_path / str(version), version=version)
    assert run(tmp_path / "12") == 0
    assert state.stat().st_size > 0
    assert run(tmp_path / "11") == 1
    assert "ROLLBACK: it is release 11, and release 12 was seen here" in capsys.readouterr().out
    assert run(tmp_path / "12") == 0


def test_a_stranger_gives_the_key_that_is_printed_elsewhere(tmp_path: Path, state: Path) -> None:
    Press(site="https://other.example").print(tmp_path / "other")
    assert run(tmp_path / "other") == 1  # it is not the project's own site
    assert run(tmp_path / "other", given=str(ROOT)) == 0
    assert run(tmp_path / "other", given=str(key(9).public)) == 1
    assert run(tmp_path / "other", own="") == 0


def test_a_key_that_is_none_is_told(tmp_path: Path, state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, given="RW") == 1
    assert capsys.readouterr().err == (
        "--key 'RW': it is no public key of minisign: a line is not the base64 of 42 bytes; copy it from where the "
        "newsroom prints it\n"
    )


def test_a_memory_that_cannot_be_used_is_told(tmp_path: Path, state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Press().print(tmp_path / "site")
    state.parent.mkdir(parents=True)
    state.write_text("{")
    assert run(tmp_path / "site") == 0
    assert "what was verified before is forgotten" in capsys.readouterr().err
    assert run(tmp_path / "site") == 0
    assert capsys.readouterr().err == ""


def test_many_names_are_not_all_printed() -> None:
    lines = of_files(Kind.MISSING, (f"{number:02}" for number in range(25))).lines()
    assert len(lines) == 22
    assert lines[-1] == "    … and 5 more"
