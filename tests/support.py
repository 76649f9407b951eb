"""Building whole sites: copies of them, the commands, and what came out."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from PIL import Image

from newsroom.images.library import Library, PictureMemory
from newsroom.images.slots import read_slots

ROOT = Path(__file__).resolve().parents[1]
SITES = Path(__file__).resolve().parent / "sites"
SHARED = ROOT.parent / "shared"
ZONE = ZoneInfo("Asia/Phnom_Penh")
NOW = int(datetime(2026, 11, 22, 12, 0, tzinfo=ZONE).timestamp())
ALL_DUE = int(datetime(2100, 1, 1, tzinfo=ZONE).timestamp())

# The pictures of the test sites, made when a site is copied: file in content/ → width and height.
PICTURES: Mapping[str, Mapping[str, tuple[int, int]]] = {
    "full": {
        "articles/2026/11/wide.jpg": (2000, 1000),
        "articles/2026/11/inside.png": (320, 200),
        "articles/2026/11/unused.jpg": (300, 210),
        "articles/2026/11/quokkadraft.jpg": (301, 211),
        "articles/2026/11/quokkahidden.jpg": (302, 212),
        "articles/2026/11/quokkaembargoed.jpg": (303, 213),
        "articles/2026/12/quokkafuture.jpg": (304, 214),
        "authors/portrait.jpg": (400, 500),
    },
    "invalid": {"articles/2026/01/there.png": (40, 30)},
}


@dataclass(frozen=True)
class Built:
    """A site that was built: its folder, its output, what the command printed."""

    folder: Path
    output: Path
    printed: str

    def text(self, name: str) -> str:
        return (self.output / name).read_text(encoding="utf-8")


def make_picture(path: Path, size: tuple[int, int], **said: str) -> None:
    """A picture whose every row differs, with a camera's metadata, for none of it may be published; `said` is what a
    JPEG says of itself to readers: alt, caption, credit, licence."""
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = Image.new("RGB", size, (size[0] % 256, size[1] % 256, 90))
    picture.paste((20, 60, 120), (0, 0, size[0] // 2, size[1] // 3))
    exif = Image.Exif()
    exif[0x010F], exif[0x013B] = "Quokkacamera", "Quokkaphotographer"
    more = {"xmp": xmp_of(said)} if said and path.suffix == ".jpg" else {}
    picture.save(path, exif=exif, comment="Quokkacomment", **more)


_FIELDS = {
    "alt": "Iptc4xmpCore:AltTextAccessibility",
    "caption": "dc:description",
    "credit": "photoshop:Credit",
    "licence": "xmpRights:WebStatement",
}


def xmp_of(said: Mapping[str, str]) -> bytes:
    """An XMP packet with these texts."""
    spaces = (
        'xmlns:x="adobe:ns:meta/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        'xmlns:Iptc4xmpCore="http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" xmlns:xmpRights="http://ns.adobe.com/xap/1.0/rights/"'
    )
    fields = " ".join(f'{_FIELDS[name]}="{text}"' for name, text in said.items())
    return f"<x:xmpmeta {spaces}><rdf:RDF><rdf:Description {fields}/></rdf:RDF></x:xmpmeta>".encode()


def library_of(content: Path) -> Library:
    """The pictures of a folder, nothing of them known yet."""
    return Library(
        content, {}, read_slots(ROOT / "theme"), PictureMemory({}, lambda version: None, lambda rows: None, map)
    )


def copy_site(name: str, to: Path) -> Path:
    """A copy of tests/sites/`name`, or of this project's own site for "real", with the project's theme."""
    if name == "real":
        to.mkdir(parents=True)
        shutil.copytree(ROOT / "content", to / "content")
        for settings in ("pelicanconf.py", "publishconf.py"):
            shutil.copy(ROOT / settings, to)
    else:
        shutil.copytree(SITES / name, to)
    for picture, size in PICTURES.get(name, {}).items():
        make_picture(to / "content" / picture, size)
    (to / "theme").symlink_to(ROOT / "theme")
    return to


def own_theme(site: Path) -> Path:
    """Give the site a theme that a test may change."""
    (site / "theme").unlink()
    shutil.copytree(ROOT / "theme", site / "theme")
    return site / "theme"


def environment(**more: str) -> dict[str, str]:
    """A bare environment: this project's modules, a fixed `now`, and what a test adds."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "SYSTEMROOT") if name in os.environ}
    return {**kept, "PYTHONPATH": str(ROOT), "SOURCE_DATE_EPOCH": str(NOW), **more}


def run(site: Path, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
    """A Python module's command in the site's folder: `run(site, "invoke", …)`."""
    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=site,
        env=environment(**more),
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )


def invoke(site: Path, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
    """A command of tasks.py, as `invoke build` runs it inside .venv."""
    root = more.get("PYTHONPATH", str(ROOT))
    return run(site, "invoke", "--search-root", root, *command, **more)


def pelican(site: Path, output: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Pelican's own command."""
    return run(site, "pelican", "content", "-s", "pelicanconf.py", "-o", output, **more)


def build(site: Path, **more: str) -> Built:
    """`invoke build`, which must succeed."""
    done = invoke(site, "build", **more)
    assert done.returncode == 0, done.stderr
    return Built(site, site / "output", done.stdout + done.stderr)


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below the folder with its bytes."""
    return {name: (folder / name).read_bytes() for name in files(folder)}


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def modes(folder: Path) -> dict[str, int]:
    """The permissions of every file and folder."""
    return {path.relative_to(folder).as_posix(): path.stat().st_mode & 0o7777 for path in folder.rglob("*")}


def times(folder: Path) -> dict[str, int]:
    """When each file was last written, in nanoseconds."""
    return {name: (folder / name).stat().st_mtime_ns for name in files(folder)}


def difference(before: Mapping[str, object], after: Mapping[str, object]) -> list[str]:
    """The names whose values differ, or that only one of the two has."""
    return sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))


def edit(path: Path, old: str, new: str) -> None:
    """Replace a text that must be there."""
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{path}: {old!r} is not there"
    path.write_text(text.replace(old, new), encoding="utf-8")


def fill(disk: Path, left: int) -> Path:
    """A file that takes the disk's room but for `left` thousand bytes."""
    status = os.statvfs(disk)
    ballast = disk / "ballast"
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(1, status.f_bavail * status.f_bsize - left * 1000))
    return ballast


def problems(stderr: str) -> list[str]:
    """The lines of a command's output that name a place: `path:line: …`."""
    return [line for line in stderr.splitlines() if re.match(r"[^:]+:\d+: ", line)]


def tiny_article(n: int, *, topic: str = "Example topic", when: str = "2024-01-01") -> str:
    """One of many articles, for what happens only in large numbers."""
    return (
        f"---\ntitle: Example headline number {n}\ndate: {when} 08:{n % 60:02}\ncategory: First section\n"
        f"authors: [first-person]\nsummary: Example summary number {n}.\ntags: [{topic}]\n---\n\nExample text {n}.\n"
    )


def add_tiny_articles(site: Path, count: int) -> None:
    """Write `count` articles, a day of 2024 for each, oldest first."""
    for n in range(1, count + 1):
        month, day = divmod(n - 1, 28)
        when = f"2024-{month + 1:02}-{day + 1:02}"
        path = site / "content" / "articles" / "2024" / f"{month + 1:02}" / f"tiny-{n}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(tiny_article(n, when=when), encoding="utf-8")
