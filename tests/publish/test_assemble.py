"""A release: what it holds, which number and times it has, and when it is the one before again."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from newsroom.publish.assemble import DAY, Facts, Live, assemble, read_live
from newsroom.publish.manifest import MANIFEST, PREVIOUS, Manifest, changes, decode, encode, phases
from newsroom.publish.targets.base import Release
from tests.support import tree

NOW = 1_800_000_000
FACTS = Facts("https://site.test", (), 90, "theme")
SITE = {"index.html": b"front", "2026/01/a.html": b"article", "theme/css/site.11111111.css": b"style"}


def make(
    tmp: Path, files: dict[str, bytes], before: Live | None = None, now: int = NOW, facts: Facts = FACTS
) -> Release:
    """A release of these files, in a folder of its own."""
    built, folder = tmp / "built", tmp / f"release-{len(list(tmp.iterdir()))}"
    for name, data in files.items():
        (built / name).parent.mkdir(parents=True, exist_ok=True)
        (built / name).write_bytes(data)
    return assemble(folder, {name: built / name for name in files}, lambda folder, made: (), before, facts, now)


def live(release: Release) -> Live:
    """The release, as a host has it."""

    def read(name: str) -> bytes | None:
        path = release.folder / name
        return path.read_bytes() if path.is_file() else None

    found = read_live(read, lambda manifest, signature: "")
    assert isinstance(found, Live)
    return found


def test_a_first_release_names_every_file_and_nothing_else(tmp_path: Path) -> None:
    release = make(tmp_path, SITE)
    assert tree(release.folder).keys() == {*SITE, MANIFEST}
    assert release.manifest.files.keys() == SITE.keys()
    assert (release.manifest.version, release.manifest.previous, release.manifest.time) == (1, 0, NOW)
    assert decode((release.folder / MANIFEST).read_bytes()) == release.manifest


def test_a_second_release_of_the_same_files_is_the_first_one_byte_for_byte(tmp_path: Path) -> None:
    first = make(tmp_path, SITE)
    second = make(tmp_path, SITE, live(first), NOW + 10 * DAY)
    assert second.manifest == first.manifest
    assert tree(second.folder) == tree(first.folder)


def test_a_third_release_of_the_same_files_is_the_second_one_with_the_manifest_before(tmp_path: Path) -> None:
    first = make(tmp_path, SITE)
    second = make(tmp_path, {**SITE, "index.html": b"another front"}, live(first), NOW + 60)
    third = make(tmp_path, {**SITE, "index.html": b"another front"}, live(second), NOW + 120)
    assert tree(third.folder) == tree(second.folder)
    assert (second.folder / PREVIOUS).read_bytes() == (first.folder / MANIFEST).read_bytes()


def test_a_release_is_renewed_when_half_of_its_time_is_over(tmp_path: Path) -> None:
    first = make(tmp_path, SITE)
    second = make(tmp_path, SITE, live(first), NOW + 45 * DAY)
    assert (second.manifest.version, second.manifest.expires) == (2, NOW + 135 * DAY)
    assert changes(second.manifest, first.manifest).changed == ()


def test_files_have_the_time_of_the_release_that_brought_their_bytes(tmp_path: Path) -> None:
    first = make(tmp_path, SITE)
    second = make(tmp_path, {**SITE, "index.html": b"FRONT"}, live(first), NOW + 60)
    assert second.manifest.files["index.html"].since == NOW + 60
    assert second.manifest.files["2026/01/a.html"].since == NOW
    seen = {name: int((second.folder / name).stat().st_mtime) for name in second.manifest.files}
    assert seen == {name: file.since for name, file in second.manifest.files.items()}


def test_times_go_on_when_the_clock_goes_back(tmp_path: Path) -> None:
    first = make(tmp_path, SITE)
    second = make(tmp_path, {**SITE, "index.html": b"FRONT"}, live(first), NOW - 40 * DAY)
    assert second.manifest.time == NOW + 1
    assert second.manifest.files["index.html"].since == NOW + 1


def test_a_style_sheet_that_open_pages_may_ask_for_stays_for_a_week(tmp_path: Path) -> None:
    first = make(tmp_path, SITE)
    new = {"index.html": b"front", "theme/css/site.22222222.css": b"new style"}
    second = make(tmp_path, new, live(first), NOW + 60)
    assert (second.folder / "theme/css/site.11111111.css").read_bytes() == b"style"
    assert second.manifest.files["theme/css/site.11111111.css"].retired == NOW + 60
    third = make(tmp_path, new, live(second), NOW + 60 + 7 * DAY)
    assert "theme/css/site.11111111.css" in third.manifest.files
    fourth = make(tmp_path, new, live(third), NOW + 61 + 7 * DAY)
    assert "theme/css/site.11111111.css" not in fourth.manifest.files


def test_a_picture_that_no_page_shows_goes_at_once(tmp_path: Path) -> None:
    first = make(tmp_path, {**SITE, "pictures/a.11111111.avif": b"picture", "theme/images/x.11111111.png": b"picture"})
    second = make(tmp_path, SITE, live(first), NOW + 60)
    assert changes(second.manifest, first.manifest).removed == (
        "pictures/a.11111111.avif",
        "theme/images/x.11111111.png",
    )


def test_the_order_of_a_release_never_shows_a_page_before_what_it_needs(tmp_path: Path) -> None:
    first = make(tmp_path, {"index.html": b"front", "feeds/all.atom.xml": b"feed"})
    second = make(tmp_path, {**SITE, "index.html": b"FRONT", "feeds/all.atom.xml": b"FEED"}, live(first), NOW + 60)
    assert phases(second.manifest, first.manifest) == (
        ("theme/css/site.11111111.css",),
        ("2026/01/a.html",),
        ("index.html",),
        ("feeds/all.atom.xml", PREVIOUS),
    )


@given(st.binary(max_size=300))
def test_whatever_a_host_answers_is_a_manifest_or_a_sentence(data: bytes) -> None:
    found = read_live({MANIFEST: data}.get, lambda manifest, signature: "")
    assert isinstance(found, str)
    assert found.startswith("its release.json cannot be read (")


def test_a_manifest_that_names_files_outside_of_the_site_is_none() -> None:
    for name in ("../a.html", "/etc/passwd", "a//b", "a/./b", "release.json", "a\\b", "a\nb"):
        data = (
            encode(Manifest("https://site.test", 1, NOW, NOW, {}))
            .replace(
                b'"files": {}', b'"files": {"%s": {"size": 1, "sha256": "%s", "since": 1}}' % (name.encode(), b"0" * 64)
            )
            .replace(b"a\nb", b"a\\nb")
            .replace(b"a\\b", b"a\\\\b")
        )
        found = read_live({MANIFEST: data}.get, lambda manifest, signature: "")
        assert found == f"its release.json cannot be read ({name!r} is no name of a file of a site)"
