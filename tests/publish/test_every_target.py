"""One site at every kind of host at once: the same release at each, nothing unpublished at any, and a retraction that
leaves nothing anywhere."""

from __future__ import annotations

import gzip
import re
import subprocess
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pytest

from newsroom.publish.keyfiles import House, make_keys
from newsroom.publish.manifest import MANIFEST, PREVIOUS, decode
from tests.publish.buckets import ANY_KEY, KEYS, Host, free_port, running
from tests.publish.hosts import sshd
from tests.support import NOW, copy_site, edit, invoke, tree

DAY = 86_400
SECRETS = (b"quokkadraft", b"quokkahidden", b"quokkafuture", b"quokkapage")
STORY = b"quokkaembargoed"  # what every text of the article that is retracted holds


@dataclass
class Hosts:
    """A site, what its commands need to reach its hosts, and what each of these holds."""

    site: Path
    environment: dict[str, str]
    folder: Path
    ssh: Path
    bucket: Host
    git: Path
    archive: Path

    def publish(self, now: int, *options: str) -> subprocess.CompletedProcess[str]:
        return invoke(self.site, "publish", *options, SOURCE_DATE_EPOCH=str(now), **self.environment)

    def held(self) -> dict[str, dict[str, bytes]]:
        """Every file that readers can have, by host."""
        with zipfile.ZipFile(self.archive) as archive:
            packed = {name: archive.read(name) for name in archive.namelist()}
        return {
            "folder": _without_ledger(tree(self.folder)),
            "ssh": tree(self.ssh / "current"),
            "s3": {name: self.bucket.get(name) or b"" for name in self.bucket.names()},
            "git": self._pushed(),
            "zip": packed,
        }

    def _pushed(self) -> dict[str, bytes]:
        def git(*words: str) -> bytes:
            return subprocess.run(["git", "-C", str(self.git), *words], check=True, capture_output=True).stdout

        assert git("rev-list", "--count", "gh-pages").strip() == b"1"
        names = git("ls-tree", "-r", "--name-only", "-z", "gh-pages").decode().split("\0")
        return {name: git("show", f"gh-pages:{name}") for name in filter(None, names) if name != ".nojekyll"}


def _without_ledger(files: dict[str, bytes]) -> dict[str, bytes]:
    return {name: data for name, data in files.items() if name != ".ledger.json"}


@pytest.fixture
def hosts(tmp_path: Path, requires_moto: str) -> Iterator[Hosts]:
    """The site with every field, and five hosts."""
    site = copy_site("full", tmp_path / "site")
    article = site / "content/articles/2026/11/quokkaembargoed.md"
    edit(article, "embargo:", "slug: flood-report\nembargo:")
    for old in ("Topic quokkaembargoed", "Series quokkaembargoed", "/quokkaembargoed-alias/"):
        edit(article, old, old.replace("quokkaembargoed", "flood"))  # what stays as an address that leads on
    house = House(site, site / "content", "https://full.example/news", NOW)
    made = re.search(r'"root_key": "(\S+)"', make_keys(house, tmp_path / "keys", lambda sentence: ""))
    assert made
    settings = site / "pelicanconf.py"
    settings.write_text(re.sub(r'"root_key": ".*"', f'"root_key": "{made[1]}"', settings.read_text()))
    repository = tmp_path / "pages.git"
    subprocess.run(["git", "init", "--quiet", "--bare", str(repository)], check=True)
    port = free_port()
    moto = running([requires_moto, "-H", "127.0.0.1", "-p", str(port)], port)
    with sshd(tmp_path / "sshd") as ssh, moto:
        bucket = Host(port, "site", ANY_KEY).make()
        places = [
            str(tmp_path / "folder"),
            f"ssh://web{tmp_path}/ssh",
            bucket.address(),
            f"git+file://{repository}#gh-pages",
            str(tmp_path / "site.zip"),
        ]
        more = f'"publish_to": {places!r}, "signing_key": {str(tmp_path / "keys/release.key")!r},'
        edit(settings, '"feed_authority"', f'{more}\n    "feed_authority"')
        environment = {**KEYS, "RSYNC_RSH": ssh.shell}
        yield Hosts(
            site,
            environment,
            tmp_path / "folder",
            tmp_path / "ssh",
            bucket,
            repository,
            tmp_path / "site.zip",
        )


def opened(files: dict[str, bytes]) -> Iterator[tuple[str, bytes]]:
    """Every file, and what is packed in it."""
    for name, data in files.items():
        yield name, data
        if name.endswith(".zip"):
            with zipfile.ZipFile(BytesIO(data)) as archive:
                yield from opened({f"{name}!{each}": archive.read(each) for each in archive.namelist()})
        if name.endswith(".gz"):
            yield from opened({f"{name}!": gzip.decompress(data)})


def holding(files: dict[str, bytes], word: bytes) -> list[str]:
    return sorted({name for name, data in opened(files) if word in data.lower() + b" " + name.lower().encode()})


def test_a_retraction_leaves_nothing_of_the_article_at_any_host(hosts: Hosts) -> None:
    done = hosts.publish(NOW)
    assert done.returncode == 0, done.stderr
    first = hosts.held()
    for name, files in first.items():
        assert files == first["folder"], name
        assert not [word for word in (*SECRETS, STORY) if holding(files, word)], name

    done = hosts.publish(NOW + 2 * DAY)  # the embargo is over
    assert done.returncode == 0, done.stderr
    public = hosts.held()
    for name, files in public.items():
        assert files == public["folder"], name
        assert "2026/11/flood-report.html" in holding(files, STORY), name

    article = "content/articles/2026/11/quokkaembargoed.md"
    now = NOW + 3 * DAY
    done = invoke(hosts.site, "retract", article, "--notice=A source was in danger.", SOURCE_DATE_EPOCH=str(now))
    assert done.returncode == 0, done.stderr
    done = hosts.publish(now)
    assert done.returncode == 0, done.stderr
    for name, files in hosts.held().items():
        assert holding(files, STORY) == [], name
        assert b"A source was in danger." in files["2026/11/flood-report.html"], name
        gone = public["folder"].keys() - files.keys()
        assert [each for each in gone if each.startswith("images/")], "its picture went"
    releases = sorted(path.name for path in (hosts.ssh / "releases").iterdir())
    assert releases == ["3"], "older releases at the host hold the article"


def test_an_address_that_readers_know_cannot_disappear(hosts: Hosts) -> None:
    assert hosts.publish(NOW + 2 * DAY).returncode == 0
    (hosts.site / "content/articles/2026/11/quokkaembargoed.md").unlink()
    before = hosts.held()
    done = hosts.publish(NOW + 3 * DAY)
    assert done.returncode == 1
    assert "the address '2026/11/flood-report.html' would disappear; add it to 'aliases' of the article" in done.stderr
    assert "nothing was published, readers have what they had." in done.stderr
    assert hosts.held() == before


def test_the_manifest_before_tells_no_more_than_names_of_what_was_public(hosts: Hosts) -> None:
    assert hosts.publish(NOW).returncode == 0
    assert hosts.publish(NOW + 2 * DAY).returncode == 0
    files = hosts.held()["folder"]
    assert holding({name: files[name] for name in (MANIFEST, PREVIOUS)}, STORY) == []


def test_after_a_rollback_the_same_sources_bring_back_the_release_that_mirrors_have(hosts: Hosts) -> None:
    assert hosts.publish(NOW).returncode == 0
    assert hosts.publish(NOW + 2 * DAY).returncode == 0
    done = invoke(hosts.site, "rollback", **hosts.environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"ssh://web{hosts.ssh}: release 1 is live, 2 was before\n"
    assert not (hosts.ssh / "current/2026/11/flood-report.html").exists()
    done = hosts.publish(NOW + 2 * DAY)
    assert done.returncode == 0, done.stderr
    assert decode((hosts.ssh / "current" / MANIFEST).read_bytes()).version == 2
    assert hosts.held()["ssh"] == hosts.held()["folder"]
