"""The page that checks a copy of the site in the reader's browser: what is good, and each kind of fault told apart."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from newsroom.publish import minisign
from newsroom.publish.manifest import MANIFEST, SIGNATURE
from tests.browsing import browser, violations
from tests.hosting import serving
from tests.publish.signed import DAY, NOW, Press, key
from tests.support import Built, files, tree

__all__ = ["browser"]
SITE = "https://full.example/news"
MIRROR = b"https://mirror.example/full"  # as the page names it
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self' {}; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types site"
)
STORY = "2026/11/opinion.html"
PAGES = {"index.html", "verify.html", "km/verify.html", STORY}
Answer = Callable[[SimpleHTTPRequestHandler], None]


@dataclass
class Host:
    """A folder on a host of its own. `answers` is by file what it does instead of answering with it."""

    folder: Path
    policy: str = ""
    shared: bool = True  # whether pages of others may read it
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)


class Handler(SimpleHTTPRequestHandler):
    def __init__(self, *arguments: Any, host: Host, **options: Any) -> None:
        self.host = host
        super().__init__(*arguments, directory=str(host.folder), **options)

    def do_GET(self) -> None:
        name = unquote(self.path).lstrip("/")
        self.host.asked.append(name)
        with suppress(ConnectionError):
            self.host.answers.get(name, lambda handler: SimpleHTTPRequestHandler.do_GET(handler))(self)

    def end_headers(self) -> None:
        if self.host.policy:
            self.send_header("Content-Security-Policy", self.host.policy)
        if self.host.shared:
            self.send_header("Access-Control-Allow-Origin", "*")
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        del format, args


@contextmanager
def hosted(host: Host) -> Iterator[str]:
    with serving(partial(Handler, host=host)) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    with browser.new_context() as made:
        yield made


@pytest.fixture
def release(full: Built, tmp_path: Path) -> Callable[..., Path]:
    """Makes a signed release of the full site, or of some files of it, in a folder; `mirror` is the one that its page
    names."""
    built = {name: data for name, data in tree(full.output).items() if not name.startswith(".")}
    few = {name: data for name, data in built.items() if name in PAGES or name.endswith((".css", ".js"))}

    def make(press: Press | None = None, mirror: str = "", whole: bool = False, **options: Any) -> Path:
        folder = tmp_path / "site"
        shutil.rmtree(folder, ignore_errors=True)
        chosen = built if whole else few
        page = {"verify.html": built["verify.html"].replace(MIRROR, mirror.encode() or MIRROR)}
        (press or Press(site=SITE)).print(folder, chosen | page | options.pop("also", {}), **options)
        return folder

    return make


def opened(context: BrowserContext, address: str, now: int = NOW, name: str = "/verify.html") -> Page:
    page = context.new_page()
    page.clock.set_fixed_time(now)
    page.goto(address + name)
    return page


def checked(page: Page) -> tuple[str, list[str]]:
    """What the page says when it has checked everything: its last word, and the kinds of the faults."""
    page.locator("[data-verify-start]").click()
    page.locator("[data-verify-start]:enabled").wait_for()
    faults: list[str] = page.eval_on_selector_all("[data-fault]", "all => all.map(each => each.dataset.fault)")
    return page.locator("[data-verify-status]").inner_text().strip(), faults


def check(context: BrowserContext, folder: Path, now: int = NOW) -> tuple[str, list[str]]:
    with hosted(Host(folder, POLICY)) as address:
        page = opened(context, address, now)
        found = checked(page)
        page.close()
    return found


def test_a_good_copy_is_found_good_and_nothing_breaks_the_policy(
    context: BrowserContext, release: Callable[..., Path]
) -> None:
    host, said = Host(release(version=12, whole=True), POLICY), []
    with hosted(host) as address:
        page = opened(context, address)
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        assert "release.json" not in host.asked, "nothing is checked unasked"
        count = len(files(host.folder)) - 2
        assert checked(page) == (
            f"All is well: {count} files, each as we signed it, in release 12 of 2027-01-15 08:00 UTC. Whether this "
            "address has other files too cannot be seen from outside.",
            [],
        )
        page.close()
    assert said == []
    assert set(files(host.folder)) <= set(host.asked)


def test_it_speaks_khmer(context: BrowserContext, release: Callable[..., Path]) -> None:
    with hosted(Host(release(), POLICY)) as address:
        page = opened(context, address, name="/km/verify.html")
        word, faults = checked(page)
        assert faults == []
        assert word.startswith("អ្វីៗល្អទាំងអស់៖ ឯកសារ")
        page.close()


def forge_manifest(folder: Path) -> None:
    data = (folder / MANIFEST).read_bytes()
    (folder / MANIFEST).write_bytes(data.replace(b'"version": 1', b'"version": 2'))


def prehash(folder: Path) -> None:
    data = (folder / SIGNATURE).read_bytes().split(b"\n")
    data[1] = b"RUQ" + data[1][3:]
    (folder / SIGNATURE).write_bytes(b"\n".join(data))


Change = Callable[[Path], Any]
FILE_FAULTS: dict[str, tuple[Change, str, str]] = {
    "a changed file": (
        lambda folder: (folder / "index.html").write_bytes(b"<p>forged"),
        "tampered",
        "These files were changed after we signed them. Do not believe them, and use another address.\nindex.html",
    ),
    "a missing file": (
        lambda folder: (folder / STORY).unlink(),
        "missing",
        "These files are missing: lost, or taken away so that nobody reads them. Use another address.\n" + STORY,
    ),
    "no signature": (
        lambda folder: (folder / SIGNATURE).unlink(),
        "unsigned",
        "release.json.minisig is missing or damaged: nothing shows that this copy is ours. Do not believe it, and use "
        "another address.",
    ),
    "no list of keys": (
        lambda folder: (folder / "keys.json").unlink(),
        "unsigned",
        "keys.json is missing or damaged: nothing shows that this copy is ours. Do not believe it, and use another "
        "address.",
    ),
    "a signature of another kind": (
        prehash,
        "unsigned",
        "release.json.minisig is missing or damaged: nothing shows that this copy is ours. Do not believe it, and use "
        "another address.",
    ),
    "a changed manifest": (
        forge_manifest,
        "forged",
        "release.json does not bear our signature: somebody else made this copy, or changed it. Do not believe it, and "
        "use another address.",
    ),
}


@pytest.mark.parametrize(("change", "kind", "sentence"), FILE_FAULTS.values(), ids=FILE_FAULTS)
def test_each_fault_of_a_copy_is_told(
    context: BrowserContext, release: Callable[..., Path], change: Change, kind: str, sentence: str
) -> None:
    folder = release()
    change(folder)
    with hosted(Host(folder, POLICY)) as address:
        page = opened(context, address)
        assert checked(page) == ("Do not rely on this copy.", [kind])
        assert page.locator("[data-fault]").inner_text().replace("\n\n", "\n") == sentence
        page.close()


def test_whoever_signs_with_other_keys_is_told(context: BrowserContext, release: Callable[..., Path]) -> None:
    stranger, withdrawn = Press(site=SITE), Press(site=SITE)
    stranger.release = key(5)
    withdrawn.list_keys(key(3))
    assert check(context, release(Press(site=SITE, root=key(9))))[1] == ["forged"]
    false_root = minisign.SecretKey(key(1).number, bytes(32))
    assert check(context, release(Press(site=SITE, root=false_root)))[1] == ["forged"]
    assert check(context, release(stranger))[1] == ["withdrawn"]
    assert check(context, release(withdrawn))[1] == ["withdrawn"]
    assert check(context, release(Press(site="https://other.example")))[1] == ["site"]


def test_old_releases_and_wrong_clocks_are_told(context: BrowserContext, release: Callable[..., Path]) -> None:
    folder = release()
    assert check(context, folder, NOW + 90 * DAY)[1] == ["expired"]
    assert check(context, folder, NOW - DAY)[1] == ["clock"]
    assert check(context, folder, NOW + 90 * DAY - 1)[1] == []


def test_files_of_the_release_before_are_told_from_changed_ones(
    context: BrowserContext, release: Callable[..., Path], full: Built
) -> None:
    story = full.text(STORY).encode()
    before = (release(also={STORY: story + b"<!-- a longer text, as it was before -->"}) / MANIFEST).read_bytes()
    folder = release(version=2, previous=before)
    (folder / STORY).write_bytes(story + b"<!-- a longer text, as it was before -->")
    (folder / "index.html").write_bytes(b"<p>forged")
    assert check(context, folder)[1] == ["tampered", "mixed"]


def test_what_was_seen_is_remembered(context: BrowserContext, release: Callable[..., Path]) -> None:
    """In the browser, by address: so all releases are shown at one."""
    press = Press(site=SITE)
    host = Host(release(press, version=12), POLICY)
    with hosted(host) as address:

        def shown(**options: Any) -> list[str]:
            release(press, **options)
            page = opened(context, address)
            found = checked(page)[1]
            page.close()
            return found

        assert shown(version=12) == []
        assert shown(version=11) == ["rollback"]
        assert shown(version=12, days=91) == ["twin"]
        assert shown(version=999_999_999) == []  # a thief's
        assert shown(version=13) == ["rollback"]
        press.list_keys(key(3))
        press.release = key(3)
        assert shown(version=13) == []  # the numbers of a withdrawn key are forgotten
        press.keys, press.release = Press(site=SITE).keys, key(2)
        assert shown(version=14) == ["keys"]


def test_a_mirror_is_checked_from_the_site(
    context: BrowserContext, release: Callable[..., Path], tmp_path: Path
) -> None:
    mirror = Host(tmp_path / "mirror")
    with hosted(mirror) as elsewhere:
        site = release(mirror=elsewhere)
        shutil.copytree(site, mirror.folder)
        with hosted(Host(site, POLICY.format(elsewhere))) as address:
            page = opened(context, address)
            page.locator("[data-verify-address]").select_option(elsewhere)
            assert checked(page)[1] == []
            (mirror.folder / STORY).write_bytes(b"<p>forged")
            assert checked(page)[1] == ["tampered"]
            mirror.shared = False
            assert checked(page)[1] == ["unreachable"]
            assert page.locator("[data-fault]").inner_text() == (
                "keys.json cannot be had: the address does not answer, or lets no other page read it. Nothing can be "
                "said about this copy. Try later, or choose another address."
            )
            page.close()
        assert set(files(site)) <= set(mirror.asked)


def test_a_page_that_is_kept_on_disk_checks_the_web(
    context: BrowserContext, release: Callable[..., Path], tmp_path: Path
) -> None:
    mirror = Host(tmp_path / "mirror")
    with hosted(mirror) as elsewhere:
        site = release(mirror=elsewhere)
        shutil.copytree(site, mirror.folder)
        page = opened(context, site.as_uri())
        assert page.locator("[data-verify-status]").inner_text().strip() == (
            "You opened this page from a file. It can check our addresses on the web; for the folder where it lies, "
            "use the commands below."
        )
        options = page.locator("[data-verify-address] option").all_inner_texts()
        assert options == [SITE, elsewhere]
        page.locator("[data-verify-address]").select_option(elsewhere)
        assert checked(page)[1] == []
        page.close()


def test_checking_can_be_stopped(context: BrowserContext, release: Callable[..., Path]) -> None:
    host = Host(release(whole=True), POLICY)
    waiting: list[Any] = []

    def wait(handler: SimpleHTTPRequestHandler) -> None:
        waiting.append(handler)
        handler.rfile.read(1)  # until the browser ends it

    host.answers[STORY] = wait
    with hosted(host) as address:
        page = opened(context, address)
        page.locator("[data-verify-start]").click()
        told = (len(files(host.folder)) - 3) // 25 * 25  # all but the one that does not come, by scores
        page.locator("[data-verify-status]", has_text=f"{told} of").wait_for()
        page.get_by_role("button", name="Stop").click()
        page.locator("[data-verify-start]:enabled").wait_for()
        assert re.fullmatch(
            r"Stopped: \d+ of \d+ files are checked\.", page.locator("[data-verify-status]").inner_text().strip()
        )
        assert waiting
        page.close()


def test_endless_files_and_other_hosts_are_not_followed(
    context: BrowserContext, release: Callable[..., Path], tmp_path: Path
) -> None:
    other = Host(tmp_path)
    host = Host(release(), "")  # no policy helps it

    def endless(handler: SimpleHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        while True:
            handler.wfile.write(b"<" * 65_536)

    with hosted(other) as elsewhere, hosted(host) as address:
        host.answers["index.html"] = endless

        def lead(handler: SimpleHTTPRequestHandler) -> None:
            handler.send_response(302)
            handler.send_header("Location", f"{elsewhere}/forged.html")
            handler.end_headers()

        host.answers[STORY] = lead
        (tmp_path / "forged.html").write_bytes((host.folder / STORY).read_bytes())
        page = opened(context, address)
        assert checked(page)[1] == ["tampered", "elsewhere"]
        page.close()


@pytest.mark.parametrize("status", [404, 410])
def test_a_page_that_stands_for_what_is_gone_may_come_with_its_status(
    context: BrowserContext, release: Callable[..., Path], status: int
) -> None:
    host = Host(release(), POLICY)

    def gone(handler: SimpleHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.end_headers()
        handler.wfile.write((host.folder / STORY).read_bytes())

    host.answers[STORY] = gone
    with hosted(host) as address:
        page = opened(context, address)
        assert checked(page)[1] == []
        page.close()


def test_a_browser_that_cannot_check_says_so(context: BrowserContext, release: Callable[..., Path]) -> None:
    context.add_init_script("crypto.subtle.importKey = () => Promise.reject(new Error('Unrecognized name.'))")
    with hosted(Host(release(), POLICY)) as address:
        page = opened(context, address)
        page.locator("[data-verify-status]", has_text="Your browser cannot check signatures here").wait_for()
        assert page.locator("[data-verify-start]").is_disabled()
        page.close()


def test_without_scripts_the_page_shows_the_key_the_commands_and_the_addresses(
    browser: Browser, release: Callable[..., Path]
) -> None:
    with browser.new_context(java_script_enabled=False) as context, hosted(Host(release(), POLICY)) as address:
        page = context.new_page()
        page.goto(f"{address}/verify.html")
        assert page.locator("[data-verify]").is_hidden()
        assert page.locator("[data-verify-hint]").is_visible()
        assert page.get_by_text(str(key(1).public), exact=True).is_visible()
        assert page.locator("pre").count() == 3
        assert page.get_by_role("link", name="https://mirror.example/full").is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["verify.html", "km/verify.html"])
def test_axe_finds_nothing_when_faults_are_shown(
    browser: Browser, release: Callable[..., Path], name: str, scheme: str
) -> None:
    folder = release()
    (folder / "index.html").write_bytes(b"<p>forged")
    (folder / STORY).unlink()
    with (
        browser.new_context(viewport={"width": 320, "height": 800}, color_scheme=scheme) as context,  # type: ignore[arg-type]
        hosted(Host(folder, POLICY)) as address,
    ):
        page = opened(context, address, name=f"/{name}")
        assert checked(page)[1] == ["tampered", "missing"]
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


def test_the_commands_of_the_page_check_a_copy(release: Callable[..., Path], full: Built, tmp_path: Path) -> None:
    from html import unescape

    site, away = release(), tmp_path / "away"
    away.mkdir()
    _, fetch, compare = (
        unescape(each) for each in re.findall(r"<pre><code>(.*?)</code>", full.text("verify.html"), re.S)
    )
    with hosted(Host(site)) as address:

        def run(commands: str, folder: Path) -> int:
            script = f"set -e\n{commands.replace(SITE, address)}"
            return subprocess.run(["sh", "-c", script], cwd=folder, capture_output=True, check=False).returncode

        assert run(fetch, away) == 0
        forge_manifest(site)
        assert run(fetch, away) != 0
    site = release()
    assert run(compare, site) == 0
    (site / "index.html").write_bytes(b"<p>forged")
    assert run(compare, site) != 0


def test_a_site_without_a_key_has_no_such_page(minimal: Built, full: Built) -> None:
    assert not (minimal.output / "verify.html").exists()
    assert list(minimal.output.rglob("verify*")) == []
    assert "verify" not in minimal.text("index.html")
    assert 'href="./verify.html">Check this site</a>' in full.text("index.html")
    scripts = {
        name: re.findall(r'<script src="[^"]*/(\w+)\.', full.text(name)) for name in ("index.html", "verify.html")
    }
    assert scripts == {"index.html": ["site"], "verify.html": ["site", "verify"]}
