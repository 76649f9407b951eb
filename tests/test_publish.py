"""`preview` and `publish`: a production build, and its copy."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from newsroom.publish.downloads import WHOLE
from newsroom.publish.keyfiles import House, make_keys, sign_release
from newsroom.publish.keys import check_release, decode_keys
from newsroom.publish.manifest import MANIFEST, PREVIOUS, SIGNATURE, Manifest, decode
from newsroom.publish.targets.locking import hold
from tests.support import NOW, Built, build, difference, edit, invoke, modes, problems, times, tree

LEDGER = ".ledger.json"


@pytest.fixture
def target(minimal_copy: Path, tmp_path: Path) -> Path:
    """The folder to which the site in `minimal_copy` is published."""
    folder = tmp_path / "host" / "public"
    set_target(minimal_copy, str(folder))
    return folder


@pytest.fixture
def other_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on another file system than tests' own, as a stick is."""
    memory = Path("/dev/shm")
    if not memory.is_dir() or memory.stat().st_dev == tmp_path.stat().st_dev or not os.access(memory, os.W_OK):
        pytest.skip("needs a second file system at /dev/shm")
    folder = Path(tempfile.mkdtemp(dir=memory))
    yield folder
    shutil.rmtree(folder)


def set_target(site: Path, target: str | list[str]) -> None:
    edit(site / "pelicanconf.py", '"feed_authority"', f'"publish_to": {target!r},\n    "feed_authority"')


def house_of(site: Path) -> House:
    return House(site, site / "content", "https://minimal.example", NOW)


def site_files(folder: Path) -> dict[str, bytes]:
    """What the build made, without what publishing adds."""
    added = {LEDGER, MANIFEST, PREVIOUS, SIGNATURE, "keys.json", "keys.json.minisig", "_headers", WHOLE}
    return {name: data for name, data in tree(folder).items() if name not in added and not name.startswith("months/")}


def manifest(folder: Path) -> Manifest:
    return decode((folder / MANIFEST).read_bytes())


def test_publish_copies_the_site_and_says_so(minimal: Built, minimal_copy: Path, target: Path) -> None:
    done = invoke(minimal_copy, "publish")
    assert done.returncode == 0, done.stderr
    count = len(manifest(target).files)
    assert done.stdout.splitlines()[-1] == (
        f"Release 1 is at {target}: {count} new, 0 changed, 0 removed, 0 as before "
        f"({count + 1} files written, 0 removed)."
    )
    assert difference(site_files(minimal.output), site_files(target)) == []
    assert manifest(target).files.keys() == tree(target).keys() - {LEDGER, MANIFEST}
    assert set(modes(target).values()) == {0o644, 0o755}
    assert sorted(path.name for path in target.parent.iterdir()) == ["public"]


def test_publishing_again_copies_nothing(minimal_copy: Path, target: Path) -> None:
    assert invoke(minimal_copy, "publish").returncode == 0
    before = times(target)
    done = invoke(minimal_copy, "publish")
    assert done.stdout.splitlines()[-1] == (
        f"Release 1 is at {target}: nothing has changed (0 files written, 0 removed)."
    )
    assert difference(before, times(target)) == []


def test_a_dry_run_says_exactly_what_would_change_and_leaves_no_trace(minimal_copy: Path, target: Path) -> None:
    done = invoke(minimal_copy, "publish", "--dry-run")
    assert not target.exists()
    assert invoke(minimal_copy, "publish").returncode == 0
    told = {line.removeprefix("  + ") for line in done.stdout.splitlines() if line.startswith("  + ")}
    assert told == manifest(target).files.keys()
    before = tree(target)
    article = minimal_copy / "content/articles/2026/01/headline-one.md"
    text = article.read_text(encoding="utf-8")
    article.unlink()
    done = invoke(minimal_copy, "publish", "--dry-run")
    assert tree(target) == before
    assert done.returncode == 1
    assert "the address '2026/01/headline-one.html' would disappear; " in done.stderr
    article.write_text(text, encoding="utf-8")
    assert invoke(minimal_copy, "retract", "content/articles/2026/01/headline-one.md", "--gone").returncode == 0
    done = invoke(minimal_copy, "publish", "--dry-run")
    assert done.returncode == 0, done.stderr
    assert tree(target) == before
    assert {"  - months/2026-01.html", "  ~ index.html", "  ~ 2026/01/headline-one.html"} <= set(
        done.stdout.splitlines()
    )


def test_what_is_gone_goes_from_the_host_and_strangers_stay(minimal_copy: Path, target: Path) -> None:
    assert invoke(minimal_copy, "publish").returncode == 0
    (target / "CNAME").write_text("stranger")
    assert invoke(minimal_copy, "retract", "content/articles/2026/01/headline-one.md", "--gone").returncode == 0
    done = invoke(minimal_copy, "publish")
    assert done.returncode == 0, done.stderr
    assert not (target / "months").exists()
    assert manifest(target).floor == 2
    assert (target / "CNAME").read_text() == "stranger"
    assert site_files(target).keys() - {"CNAME"} == site_files(minimal_copy / "output").keys()
    assert (manifest(target).version, manifest(target).previous) == (2, 1)


def test_several_hosts_get_one_release_and_one_that_fails_stops_no_other(minimal_copy: Path, tmp_path: Path) -> None:
    first, second, taken = tmp_path / "first", tmp_path / "second.zip", tmp_path / "taken"
    taken.mkdir()
    (taken / "letter.txt").write_text("stranger")
    set_target(minimal_copy, [str(first), str(taken), str(second)])
    done = invoke(minimal_copy, "publish")
    assert done.returncode == 1
    assert f"{taken}: the folder holds files that no release wrote (letter.txt); " in done.stderr
    with zipfile.ZipFile(second) as archive:
        assert archive.read(MANIFEST) == (first / MANIFEST).read_bytes()
    (taken / "letter.txt").unlink()
    done = invoke(minimal_copy, "publish")
    assert done.returncode == 0, done.stderr
    assert tree(taken) == tree(first)


def test_the_release_is_signed_by_the_newsrooms_key(minimal_copy: Path, target: Path, tmp_path: Path) -> None:
    keys = make_keys(house_of(minimal_copy), tmp_path / "keys", lambda sentence: "")
    root = re.search(r'"root_key": "(\S+)"', keys)
    assert root
    more = f'"root_key": "{root[1]}", "signing_key": {str(tmp_path / "keys/release.key")!r},'
    edit(minimal_copy / "pelicanconf.py", '"feed_authority"', f'{more}\n    "feed_authority"')
    done = invoke(minimal_copy, "publish")
    assert done.returncode == 0, done.stderr
    listed = decode_keys((target / "keys.json").read_bytes())
    check_release((target / MANIFEST).read_bytes(), (target / SIGNATURE).read_bytes(), listed)
    before = tree(target)
    assert invoke(minimal_copy, "publish").returncode == 0
    assert tree(target) == before


def test_a_release_is_signed_on_a_computer_that_has_no_network(
    minimal_copy: Path, target: Path, tmp_path: Path
) -> None:
    house = house_of(minimal_copy)
    root = re.search(r'"root_key": "(\S+)"', make_keys(house, tmp_path / "keys", lambda sentence: ""))
    assert root
    edit(minimal_copy / "pelicanconf.py", '"feed_authority"', f'"root_key": "{root[1]}",\n    "feed_authority"')
    done = invoke(minimal_copy, "publish", SOURCE_DATE_EPOCH=str(NOW))
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "Nothing was published: the release waits for its signature: run `minisign -S -l -m release.json` where the "
        "key is, on .cache/release/release.json; then `python3 tasks.py publish --signature "
        "release.json.minisig`, or set NEWSROOM['signing_key']"
    )
    assert not (target / MANIFEST).exists()
    elsewhere = (minimal_copy / ".cache/release/release.json").read_bytes()
    (tmp_path / "brought.minisig").write_bytes(
        sign_release(elsewhere, tmp_path / "keys/release.key", lambda: "", "signed elsewhere")
    )
    done = invoke(
        minimal_copy, "publish", f"--signature={tmp_path / 'brought.minisig'}", SOURCE_DATE_EPOCH=str(NOW + 90)
    )
    assert done.returncode == 0, done.stderr
    assert (target / MANIFEST).read_bytes() == elsewhere
    assert b"signed elsewhere" in (target / SIGNATURE).read_bytes()
    edit(minimal_copy / "content/articles/2026/01/headline-one.md", "title: ", "title: New ")
    assert invoke(minimal_copy, "publish").returncode == 1
    edit(minimal_copy / "content/articles/2026/01/headline-one.md", "title: New ", "title: Newer ")
    done = invoke(minimal_copy, "publish", f"--signature={tmp_path / 'brought.minisig'}")
    assert done.returncode == 1
    assert "release.json.minisig is not the signature of this release.json; " in done.stderr


def test_two_who_publish_from_one_folder_do_not_mix_their_releases(minimal_copy: Path, target: Path) -> None:
    (minimal_copy / ".cache").mkdir()
    with hold(minimal_copy / ".cache/release.lock", "a test", os.O_RDWR | os.O_CREAT):
        done = invoke(minimal_copy, "publish")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "Nothing was published: .cache/release: another publish is at work there; wait until it ends, then "
        "publish again"
    )
    assert not target.exists()
    assert invoke(minimal_copy, "publish").returncode == 0


def test_a_folder_that_holds_something_else_is_not_published_over(minimal_copy: Path, target: Path) -> None:
    target.mkdir(parents=True)
    (target / "letter.txt").write_text("stranger")
    done = invoke(minimal_copy, "publish")
    assert done.returncode == 1
    assert f"{target}: the folder holds files that no release wrote (letter.txt); " in done.stderr
    assert tree(target) == {"letter.txt": b"stranger"}


@pytest.mark.parametrize("written", ["ftp://host.example/site", "https://host.example"])
def test_what_is_no_place_to_publish_to_is_told_with_its_line(minimal_copy: Path, written: str) -> None:
    set_target(minimal_copy, written)
    done = invoke(minimal_copy, "publish")
    assert done.returncode == 1
    line = next(
        n
        for n, text in enumerate((minimal_copy / "pelicanconf.py").read_text().splitlines(), 1)
        if "publish_to" in text
    )
    assert problems(done.stderr)[-1] == (
        f"pelicanconf.py:{line}: NEWSROOM: 'publish_to': {written!r} is no place to publish to; "
        "write a folder, ssh://, s3:// or git+https://"
    )


def test_a_failed_build_publishes_nothing(minimal_copy: Path, target: Path) -> None:
    edit(minimal_copy / "content/articles/2026/01/headline-one.md", "First section", "No section")
    done = invoke(minimal_copy, "publish")
    assert done.returncode == 1
    assert not target.exists()


def test_without_a_target_it_says_where_the_site_is(minimal: Built, minimal_copy: Path) -> None:
    done = invoke(minimal_copy, "publish")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "The site is ready in output/, but NEWSROOM['publish_to'] in pelicanconf.py is empty; set it to a "
        "folder, ssh://, s3:// or git+https://, or copy the folder to your host yourself."
    )
    assert difference(tree(minimal.output), tree(minimal_copy / "output")) == []


def test_publish_works_onto_a_stick(minimal: Built, minimal_copy: Path, tmp_path: Path, other_disk: Path) -> None:
    """The folder beside a stick's own folder is on another disk."""
    (tmp_path / "stick").symlink_to(other_disk)
    set_target(minimal_copy, str(tmp_path / "stick"))
    done = invoke(minimal_copy, "publish")
    assert done.returncode == 0, done.stderr
    assert difference(site_files(minimal.output), site_files(other_disk)) == []


def test_an_output_on_another_disk_is_written(minimal: Built, minimal_copy: Path, other_disk: Path) -> None:
    (minimal_copy / "output").symlink_to(other_disk)
    build(minimal_copy)
    assert difference(tree(minimal.output), tree(other_disk)) == []


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (["rollback"], "only a host that is reached by ssh keeps releases; restore the files, and publish again"),
        (["headers", "--server=ngnix"], "--server 'ngnix' is not known; did you mean 'nginx'?"),
        (
            ["keys"],
            "this newsroom signs nothing, for NEWSROOM['root_key'] is empty; make keys with "
            "`python3 tasks.py keys --make ~/newsroom-keys`",
        ),
        (["keys", "--make=keys"], "keys: secret keys never lie in the project's folder; name one outside of it"),
        (["verify", "nowhere.zip"], "'nowhere.zip' is no folder, no zip and no web address; name one"),
    ],
)
def test_a_command_that_cannot_do_it_says_why_in_one_sentence(
    minimal_copy: Path, target: Path, command: list[str], sentence: str
) -> None:
    done = invoke(minimal_copy, *command)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[-1] == sentence


def test_schedule_prints_what_publishes_an_embargoed_article_in_time(full_copy: Path) -> None:
    done = invoke(full_copy, "schedule")
    assert done.returncode == 0, done.stderr
    assert "2026-11-23 06:00  articles/2026/11/quokkaembargoed.md" in done.stdout
    assert "Headline quokkaembargoed" not in done.stdout


def test_headers_are_printed_for_the_servers_that_sites_lie_at(full_copy: Path) -> None:
    for server, sign in (("nginx", "add_header"), ("caddy", "header"), ("netlify", "/*")):
        done = invoke(full_copy, "headers", f"--server={server}")
        assert done.returncode == 0, done.stderr
        assert sign in done.stdout
        assert "Content-Security-Policy" in done.stdout
