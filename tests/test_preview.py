"""`serve`: a preview on this computer only, with drafts, that follows every change."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support import ROOT, SITES, copy_site, edit, environment

pytestmark = pytest.mark.xdist_group("preview")
OPINION = "content/articles/2026/11/opinion.md"
SCRIPT = 'new EventSource("/-/events'


@dataclass
class Served:
    site: Path
    port: int
    process: subprocess.Popen[str]

    def get(self, path: str, host: str = "", method: str = "GET") -> tuple[int, str]:
        """Status and body."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)) as connection:
            connection.putrequest(method, path, skip_host=True)
            connection.putheader("Host", host or f"127.0.0.1:{self.port}")
            connection.endheaders()
            answer = connection.getresponse()
            return answer.status, answer.read().decode("utf-8", errors="replace")

    def event(self, after: tuple[Path, str, str]) -> None:
        """Edit a file, and wait until the browser would be told to reload."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as connection:
            connection.request("GET", self.events_path())
            answer = connection.getresponse()
            assert answer.getheader("Content-Type") == "text/event-stream"
            edit(*after)
            while (line := answer.readline()) != b"data: built\n":
                assert line, "the server closed the stream"

    def events_path(self) -> str:
        found = re.search(r'new EventSource\("([^"]+)"', self.get("/")[1])
        assert found
        return found[1]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    site = copy_site("full", tmp_path_factory.mktemp("preview") / "site")
    served = start(site)
    yield served
    served.process.kill()
    served.process.communicate()


def heed_interrupts() -> None:
    """As on a terminal: a shell starts what runs in the background deaf to Ctrl-C, and so would be its children."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def run(site: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "invoke", "--search-root", str(ROOT), "serve", "--port", "0"]
    return subprocess.Popen(
        command,
        cwd=site,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        preexec_fn=heed_interrupts,
    )


def start(site: Path) -> Served:
    process = run(site)
    assert process.stdout
    for line in process.stdout:
        if found := re.search(r"http://127\.0\.0\.1:(\d+)/", line):
            return Served(site, int(found[1]), process)
    raise AssertionError("it ended before it served")


def test_it_serves_pages_with_the_reload_script_and_other_files_without(served: Served) -> None:
    status, page = served.get("/")
    assert status == 200
    assert page.count(SCRIPT) == 1
    assert served.get("/2026/11/opinion.html")[1].count(SCRIPT) == 1
    assert served.get("/sections/first/")[1].count(SCRIPT) == 1
    status, feed = served.get("/feeds/all.atom.xml")
    assert status == 200
    assert SCRIPT not in feed
    assert SCRIPT not in (served.site / ".cache" / "preview" / "index.html").read_text(encoding="utf-8")


def test_drafts_are_shown_and_the_real_output_is_left_alone(served: Served) -> None:
    status, page = served.get("/2026/11/quokkadraft.html")
    assert status == 200
    assert "This page is not published." in page
    assert "Headline quokkafuture" in served.get("/")[1]
    assert not (served.site / "output").exists()


def test_an_unknown_address_gets_the_sites_own_404_page(served: Served) -> None:
    status, page = served.get("/no/such/page.html")
    assert status == 404
    assert "Page not found" in page


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "localhost.evil.example", "0.0.0.0"]
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_foreign_host_name_is_refused(served: Served, host: str, method: str) -> None:
    """Or a page elsewhere could read drafts by pointing its own name at this computer."""
    status, page = served.get("/", host=host, method=method)
    assert status == 403
    assert "Full site" not in page


def test_localhost_is_answered(served: Served) -> None:
    assert served.get("/", host=f"localhost:{served.port}")[0] == 200


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="needs Linux's list of sockets")
def test_it_listens_on_loopback_only(served: Served) -> None:
    listening = []
    for table in ("tcp", "tcp6"):
        for line in Path("/proc/net", table).read_text().splitlines()[1:]:
            address, port = line.split()[1].split(":")
            if int(port, 16) == served.port and line.split()[3] == "0A":
                listening.append(address)
    assert listening == ["0100007F"]


@pytest.mark.parametrize(
    "path",
    [
        "/../../pelicanconf.py",
        "/..%2f..%2fpelicanconf.py",
        "/%2e%2e/%2e%2e/pelicanconf.py",
        "//../../pelicanconf.py",
        "/2026/../../../pelicanconf.py",
        "/..\\..\\pelicanconf.py",
        "/%00",
        "/" + "a" * 5000,
        "/-/../../../content/articles/2026/11/opinion.md",
    ],
)
def test_no_path_leads_out_of_the_preview(served: Served, path: str) -> None:
    status, body = served.get(path)
    assert status in (400, 404, 414)
    assert "SITENAME" not in body
    assert served.get("/")[0] == 200


def test_an_edit_reloads_the_browser_and_shows_the_new_text(served: Served) -> None:
    served.event((served.site / OPINION, "Text of opinion.", "A new text."))
    assert "A new text." in served.get("/2026/11/opinion.html")[1].replace("\xa0", " ").replace("&nbsp;", " ")


def test_a_mistake_is_shown_on_the_last_good_page_until_it_is_mended(served: Served) -> None:
    path = served.site / OPINION
    served.event((path, "authors: [second-person]", "authors: [<nobody>]"))
    status, page = served.get("/2026/11/recent.html")
    assert status == 200
    assert "Text of" in page, "the last good page is still there"
    assert f"{OPINION}:5: " in page
    assert "<nobody>" not in page, "what a build says is text, not markup"
    assert "&lt;nobody&gt;" in page
    served.event((path, "authors: [<nobody>]", "authors: [second-person]"))
    assert f"{OPINION}:5: " not in served.get("/2026/11/recent.html")[1]


def test_a_build_during_the_loading_of_a_page_is_not_missed(served: Served) -> None:
    """The page says which build it is of; a stream that starts later tells of the builds since."""
    seen = served.events_path()
    served.event((served.site / OPINION, "Summary of opinion.", "Another summary."))
    with closing(http.client.HTTPConnection("127.0.0.1", served.port, timeout=5)) as connection:
        connection.request("GET", seen)
        try:
            assert connection.getresponse().readline() == b"data: built\n"
        except TimeoutError:
            pytest.fail("the browser would go on showing the old page")


def test_ctrl_c_ends_it_with_status_0(tmp_path: Path) -> None:
    served = start(copy_site("minimal", tmp_path / "site"))
    served.process.send_signal(signal.SIGINT)
    printed, _ = served.process.communicate(timeout=30)
    assert served.process.returncode == 0
    assert printed.endswith("Stopped.\n")


def test_an_edit_during_the_first_build_is_not_missed(tmp_path: Path) -> None:
    site = copy_site("minimal", tmp_path / "site")
    process = run(site)
    while not (site / ".cache/preview/index.html").exists():
        assert process.poll() is None
        time.sleep(0.001)
    path = site / "content/articles/2026/01/headline-one.md"
    with path.open("a", encoding="utf-8") as file:  # the build has read it by now
        file.write("\nWritten meanwhile, and long enough.\n")
    try:
        page = site / ".cache/preview/2026/01/headline-one.html"
        until = time.monotonic() + 30
        while "Written meanwhile" not in page.read_text(encoding="utf-8"):
            assert time.monotonic() < until, "the page does not follow"
            time.sleep(0.02)
    finally:
        process.kill()
        process.communicate()


def test_a_port_in_use_is_one_sentence(served: Served, tmp_path: Path) -> None:
    site = copy_site("minimal", tmp_path / "site")
    command = [sys.executable, "-m", "invoke", "--search-root", str(ROOT), "serve", "--port", str(served.port)]
    done = subprocess.run(command, cwd=site, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == (
        f"Port {served.port} cannot be used (Address already in use); try 'serve --port {served.port + 1}'.\n"
    )


def test_a_first_build_that_fails_shows_why_and_recovers(tmp_path: Path) -> None:
    site = tmp_path / "site"
    shutil.copytree(SITES / "minimal", site)
    (site / "theme").symlink_to(ROOT / "theme")
    path = site / "content/articles/2026/01/headline-one.md"
    edit(path, "category: First section", "category: Frist section")
    served = start(site)
    try:
        status, page = served.get("/")
        assert status == 404
        assert "is not a section; did you mean" in page
        served.event((path, "category: Frist section", "category: First section"))
        assert served.get("/")[0] == 200
    finally:
        os.kill(served.process.pid, signal.SIGKILL)
        served.process.communicate()
