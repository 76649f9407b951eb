"""Nothing leaves that must not: the scan over releases made by hand, and over those of whole sites."""

from __future__ import annotations

import base64
import gzip
import io
import os
import shutil
import zipfile
from pathlib import Path

import brotli
import pytest
from PIL import Image

from newsroom.publish.canaries import Secret
from newsroom.publish.targets.base import Limits
from tests.publish.scanning import PAGE, SITE, leaks_in, scanned
from tests.publish.sites import check, checks
from tests.support import Built

WORDS = "Three officers kept a notebook of every payment made."
SECRET = Secret("content/articles/2026/11/barge.md", (f"<p>{WORDS}</p>",))
LEAK = f"<!doctype html>\n<p>Example.</p>\n<p>{WORDS}</p>\n"
TOLD = (
    "it holds 'three officers kept a notebook of' of content/articles/2026/11/barge.md, which is not public; take that "
    "out, or publish the document"
)


def zipped(**files: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), data)
    return made.getvalue()


def jpeg(comment: str) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (20, 10)).save(made, "JPEG", comment=comment)
    return made.getvalue()


def test_a_leak_is_told_with_its_line_wherever_it_is_packed() -> None:
    files = {
        "index.html": LEAK.encode(),
        "page.html.gz": gzip.compress(LEAK.replace("Example", "A").encode()),
        "page.html.br": brotli.compress(LEAK.replace("Example", "B").encode()),
        "pagefind/fragment/en_1.pf_fragment": gzip.compress(f'pagefind_dcd{{"content":"{WORDS}"}}'.encode()),
        "site.zip": zipped(a__b_html=LEAK.encode(), index_html=LEAK.replace("Example", "C").encode()),
        "within.zip": zipped(site_zip=zipped(x_html_gz=gzip.compress(LEAK.replace("Example", "D").encode()))),
    }
    assert leaks_in(files, SECRET) == [
        f"index.html:3: {TOLD}",
        f"page.html.br!page.html:3: {TOLD}",
        f"page.html.gz!page.html:3: {TOLD}",
        f"pagefind/fragment/en_1.pf_fragment!en_1.pf_fragment.bin:1: {TOLD}",
        f"site.zip!index.html:3: {TOLD}",  # the other of its files is one of the release's
        f"within.zip!site.zip!x.html.gz!x.html:3: {TOLD}",
    ]


def test_what_is_packed_must_be_of_known_kinds_and_open(tmp_path: Path) -> None:
    locked = bytearray(zipped(index_html=PAGE.encode()))
    for signature, at in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        locked[locked.index(signature) + at] |= 1  # the bit that says that a password is needed
    files = {
        "a.zip": zipped(x_docx=b"text", __hidden=b"text"),
        "b.zip": b"no zip",
        "c.zip": bytes(locked),
        "d.html.gz": b"\x1f\x8bno gzip",
        "e.html.br": b"no brotli",
    }
    problems = [each.replace("\n", " ") for each in scanned(tmp_path, files)]
    assert [each.split(" (")[0] for each in problems] == [
        "a.zip!/hidden:1: files without an ending are not published; take it out",
        "a.zip!x.docx:1: files of the kind '.docx' are not published; take it out",
        "b.zip:1: it cannot be unpacked",
        "c.zip:1: it cannot be unpacked",
        "d.html.gz:1: it cannot be unpacked",
        "e.html.br:1: it cannot be unpacked",
    ]


def test_pictures_in_pages_and_in_archives_are_looked_at_as_files_are(tmp_path: Path) -> None:
    embedded = base64.b64encode(jpeg("Example")).decode()
    files = {
        "2026-11.html": f'<!doctype html>\n<img src="data:image/jpeg;base64,{embedded}" alt="x">\n'.encode(),
        "site.zip": zipped(x_jpg=jpeg("Another example")),
        "theme/logo.jpg": jpeg("A third"),
    }
    told = "1: the picture holds a comment; make it again without"
    assert scanned(tmp_path, files) == [
        f"2026-11.html!picture-1.jpg:{told}",
        f"site.zip!x.jpg:{told}",
        f"theme/logo.jpg:{told}",
    ]


def test_pictures_that_nothing_leads_to_are_told(tmp_path: Path) -> None:
    made = io.BytesIO()
    Image.new("RGB", (20, 10)).save(made, "JPEG")
    page = PAGE + f'<picture><source srcset="images/b.jpg 1w, images/c.jpg 2w"></picture>{SITE}/images/d.jpg?5'
    names = [f"images/{letter}.jpg" for letter in "abcd"]
    assert scanned(tmp_path, {"index.html": page.encode(), **dict.fromkeys(names, made.getvalue())}) == [
        "images/a.jpg:1: no page shows this picture; rebuild the site, and take the file out"
    ]


@pytest.mark.parametrize(
    ("told", "secret"),
    [
        ("a private key", "-----BEGIN OPENSSH PRIVATE " + "KEY-----"),
        ("a private key", "-----BEGIN RSA PRIVATE " + "KEY-----"),
        ("a private key", "-----BEGIN PGP PRIVATE " + "KEY BLOCK-----"),
        ("a minisign secret key", "RWRTY0Iy" + "A" * 204),
        ("a minisign secret key", "RWQAAEIy" + "b" * 204),
        ("an age secret key", "AGE-SECRET-KEY-1" + "Q" * 58),
        ("an AWS access key", "AKIA" + "Q" * 16),
        ("a GitHub token", "ghp_" + "a1" * 18),
        ("a GitHub token", "github_pat_" + "a1" * 41),
        ("a GitLab token", "glpat-" + "a1" * 10),
        ("a Slack token", "xoxb-" + "12345-" * 5),
        ("a Slack webhook", "https://hooks.slack.com/services/" + "T0/" * 15),
        ("a Google API key", "AIza" + "a" * 35),
        ("a Google secret", "GOCSPX-" + "a" * 28),
        ("a Stripe key", "sk_live_" + "a" * 24),
        ("a Telegram bot's token", "123456789:AA" + "a" * 33),
        ("an npm token", "npm_" + "a" * 36),
        ("a PyPI token", "pypi-AgE" + "a" * 60),
        ("a Netlify token", "nfp_" + "a" * 36),
    ],
)
def test_secrets_that_programs_write_are_told(tmp_path: Path, told: str, secret: str) -> None:
    files = {"notes.txt": f"Example\nkey = {secret}\n".encode(), "other.txt": f"Example {secret[:-1]}".encode()[:20]}
    assert scanned(tmp_path, files) == [f"notes.txt:2: it holds {told}; take it out, and have it replaced"]


def test_paths_of_this_computer_are_told(tmp_path: Path) -> None:
    files = {"x.js": b"// made\n// in /srv/example/project/theme\n", "y.txt": b"/srv/example is a folder"}
    assert scanned(tmp_path, files, private=("/srv/example/project", "/home/example/")) == [
        "x.js:2: it names '/srv/example/project' of this computer; take it out"
    ]


def test_every_address_must_lead_to_a_file_of_the_release(tmp_path: Path) -> None:
    page = (
        '<!doctype html>\n<link rel="stylesheet" href="theme/a.css">\n<p id="here"><a href="#here">good</a>\n'
        '<a href="#there">1</a>\n<a href="folder/index.html#part">good</a>\n<a href="folder/index.html#other">2</a>\n'
        '<a href="folder/">3</a>\n<a href="/folder/index.html">4</a>\n<img src="https://elsewhere.example/x.png">\n'
        f'<a href="https://elsewhere.example/">good</a>\n<a href="{SITE}/folder/">good</a>\n<a href="{SITE}/gone">6</a>'
        '\n<img srcset="theme/x.png 1w,\ntheme/y.png 2w">\n<a href="javascript:x()">8</a>\n<a href="mailto:x@y.z">'
        'good</a>\n<meta http-equiv="refresh" content="0; url=moved.html">\n<a href="a%20b.html">good</a>\n'
        '<script type="application/ld+json">{"@id":"https://release.example/#organisation"}</script>\n'
        f'<a href="{SITE}.evil.example/x">good</a><a href="../up.html">10</a>\n'
    )
    files = {
        "index.html": page.encode(),
        "folder/index.html": b'<!doctype html>\n<h2 id="part"><a href="../index.html">good</a>',
        "a b.html": PAGE.encode(),
        "404.html": b'<!doctype html>\n<base href="/sub/">\n<a href="folder/index.html">good</a>\n<a href="x.html">2',
        "theme/a.css": b"@import 'b.css';\nbody { background: url(none.png) }",
        "feeds/all.atom.xml": f'<?xml?>\n<link href="{SITE}/2021/gone.html"/>&lt;img src="{SITE}/x.png"'.encode(),
        "robots.txt": f"Sitemap: {SITE}/sitemap.xml\n".encode(),
    }
    nowhere = "leads to no file of the release; correct it"
    assert scanned(tmp_path, files) == [
        f"404.html:4: the address 'x.html' {nowhere}",
        f"feeds/all.atom.xml:2: the address '{SITE}/2021/gone.html' {nowhere}",
        f"feeds/all.atom.xml:2: the address '{SITE}/x.png' {nowhere}",
        "index.html:4: the address '#there' names no part of that page; correct the link",
        "index.html:6: the address 'folder/index.html#other' names no part of that page; correct the link",
        f"index.html:7: the address 'folder/' {nowhere}",
        "index.html:8: the address '/folder/index.html' does not lead from page to page; write it as a relative one",
        "index.html:9: the address 'https://elsewhere.example/x.png' is loaded from another site; keep the file in "
        "this one",
        f"index.html:12: the address '{SITE}/gone' {nowhere}",
        f"index.html:13: the address 'theme/x.png' {nowhere}",
        f"index.html:14: the address 'theme/y.png' {nowhere}",
        "index.html:15: the address 'javascript:x()' is of a kind that is not published; take it out",
        f"index.html:17: the address 'moved.html' {nowhere}",
        f"index.html:20: the address '../up.html' {nowhere}",
        f"robots.txt:1: the address '{SITE}/sitemap.xml' {nowhere}",
        f"theme/a.css:1: the address 'b.css' {nowhere}",
        f"theme/a.css:2: the address 'none.png' {nowhere}",
    ]


def test_what_a_host_does_not_take_is_told(tmp_path: Path) -> None:
    files = {"index.html": PAGE.encode(), "a.txt": b"x" * 2000, "_redirects": b"# old\n/a /b 301\n\n/c /d 301\n"}
    limits = (
        Limits("Example Pages", files=2, file_size=1000, size=2000, redirects=1),
        Limits("Roomy", files=3, file_size=2000, size=9000, redirects=2),
        Limits("Endless"),
    )
    total = sum(map(len, files.values()))
    away = "publish to another host, or turn downloads off"
    assert scanned(tmp_path, files, limits=limits) == [
        "a.txt:1: it has 2,000 bytes, and Example Pages takes 1,000 a file; make it smaller, or publish to another "
        "host",
        f"pelicanconf.py:1: the site has 2 redirects, and Example Pages takes 1; {away}",
        f"pelicanconf.py:1: the site has {total:,} bytes, and Example Pages takes 2,000; {away}",
        f"pelicanconf.py:1: the site has 3 files, and Example Pages takes 2; {away}",
    ]


def test_a_symbolic_link_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "x.txt").symlink_to("/etc/hostname")
    assert scanned(tmp_path, {"index.html": PAGE.encode()}) == ["x.txt:1: it is a symbolic link; copy the file itself"]


def own_copy(site: Built, folder: Path) -> Path:
    """The site as it was built, for a test to build it again: other tests look at the one that they share."""
    return Path(shutil.copytree(site.folder, folder / "site", symlinks=True))


def test_the_releases_of_whole_sites_pass(any_site: Built, tmp_path: Path) -> None:
    assert check(own_copy(any_site, tmp_path), tmp_path / "release") == []
    assert (tmp_path / "release/site.zip").exists(), "what is packed is looked through, too"


# What a build with a mistake could let out of each unpublished document of the site, and of which the scan must tell.
LEAKS = {
    "articles/2026/11/quokkadraft.md": ["Headline quokkadraft", "quokkadraft.jpg", "see 2026/11/quokkadraft.html"],
    "articles/2026/11/quokkahidden.md": ["headline <b>quokkahidden</b>"],
    "articles/2026/11/quokkaembargoed.md": ["HEADLINE QUOKKAEMBARGOED", "quokkaembargoed.md"],
    "articles/2026/12/quokkafuture.md": ["Headline&nbsp;quokkafuture"],
    "pages/quokkapage.md": ["quokkapage.html"],
}


def test_whatever_leaves_of_an_unpublished_document_is_told_by_its_path(full: Built, tmp_path: Path) -> None:
    release, site = tmp_path / "release", own_copy(full, tmp_path)
    assert check(site, release) == []
    clean = (release / "about.html").read_text(encoding="utf-8")
    releases, paths = [], []
    for source, texts in LEAKS.items():
        for n, text in enumerate(texts):
            copy = tmp_path / f"{Path(source).stem}-{n}"
            shutil.copytree(release, copy, copy_function=os.link)
            (copy / "about.html").unlink()
            (copy / "about.html").write_text(clean.replace("</main>", f"<p>{text}</p></main>"), encoding="utf-8")
            releases.append(copy)
            paths.append(f"content/{source}")
    for path, problems in zip(paths, checks(site, *releases), strict=True):
        assert [each for each in problems if not each.startswith("about.html:")] == [], path
        assert any(f" of {path}, which is not public; " in each for each in problems), (path, problems)
