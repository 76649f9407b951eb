"""Measures pictures: bytes and likeness of what readers get, seconds and memory of making it; beside a peer.

    python bench/images.py --write

The peer is pelican-image-process with its advice for responsive pictures: JPEG in the same widths. The pictures are
real ones (--pictures, by default ../shared/corpora/18f/images), the large ones made of these: enlarged to 12
megapixels, with a sensor's noise. Needs bench/requirements.txt.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import resource
import shutil
import sys
import tempfile
import time
import types
from collections.abc import Iterator
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import msgspec
import numpy
from PIL import Image
from process import peak, run
from skimage.metrics import structural_similarity

from newsroom.build.cache import Cache
from newsroom.build.workers import make_workers
from newsroom.files import settled, signature
from newsroom.images.library import KnownPicture, Library, PictureMemory
from newsroom.images.plan import Order
from newsroom.images.render import render
from newsroom.images.slots import read_slots

PROJECT = Path(__file__).resolve().parents[1]
PAGE = PROJECT / "docs/pictures.md"
BEGIN, END = "<!-- figures: written by bench/images.py -->", "<!-- end of figures -->"
WIDTH = 800  # pixels: the hero on a telephone of 400 at two pixels each
MOST_BYTES, LEAST_LIKENESS = 40_000, 0.95
LARGE = (4000, 3000)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=Path, default=PROJECT.parent / "shared/corpora/18f/images")
    parser.add_argument("--large", type=int, default=100, help="how many pictures of 12 megapixels")
    parser.add_argument("--write", action="store_true", help=f"write the tables into {PAGE.name}")
    parser.add_argument("--work", nargs=2, metavar=("HOW", "FOLDER"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.work:
        how, folder = arguments.work
        print(json.dumps({"ours": _ours, "peer": _peer}[how](Path(folder))))
        return
    photos = [path for path in sorted(arguments.pictures.iterdir()) if _is_photo(path)]
    text = "\n\n".join(("\n".join(_quality(photos)), "\n".join(_speed(photos, arguments.large))))
    print(text)
    if arguments.write:
        before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
        after = rest.partition(END)[2]
        PAGE.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8")


def _is_photo(path: Path) -> bool:
    try:
        with Image.open(path) as picture:
            picture.load()
            return picture.format == "JPEG" and picture.width >= WIDTH
    except OSError:
        return False


def _quality(photos: list[Path]) -> Iterator[str]:
    """Bytes and likeness (SSIM of the luminance) of every form, against the original scaled without loss."""
    order = Order((0, 0), (50, 50), (WIDTH,), WIDTH)
    found: dict[str, list[tuple[int, float]]] = {}
    for path in photos:
        data = path.read_bytes()
        with Image.open(path) as original:
            whole = original.convert("RGB")
        for each in render(data, (order,))[1][0]:
            exact = whole.resize((each.width, each.height), Image.Resampling.LANCZOS)
            found.setdefault(f"ours, {each.form}", []).append((len(each.data), _likeness(exact, each.data)))
        with tempfile.TemporaryDirectory() as folder:
            made = _process(path, Path(folder), (WIDTH,))[0].read_bytes()
        found.setdefault("pelican-image-process, JPEG", []).append((len(made), _likeness(exact, made)))
    bounds = f"≤ {MOST_BYTES // 1000} KB | median SSIM | least SSIM | SSIM ≥ {LEAST_LIKENESS}"
    yield f"| {len(photos)} photographs, {WIDTH} px wide | median KB | largest KB | {bounds} |"
    yield "|---|---|---|---|---|---|---|"
    for name, figures in found.items():
        sizes, likeness = zip(*figures, strict=True)
        small = sum(each <= MOST_BYTES for each in sizes)
        like = sum(each >= LEAST_LIKENESS for each in likeness)
        yield (
            f"| {name} | {median(sizes) / 1000:.1f} | {max(sizes) / 1000:.1f} | {small} of {len(sizes)} "
            f"| {median(likeness):.3f} | {min(likeness):.3f} | {like} of {len(likeness)} |"
        )


def _likeness(exact: Image.Image, data: bytes) -> float:
    with Image.open(io.BytesIO(data)) as picture:
        made = picture.convert("L")
    if made.size != exact.size:
        exact = exact.resize(made.size, Image.Resampling.LANCZOS)
    return float(structural_similarity(numpy.asarray(exact.convert("L")), numpy.asarray(made), data_range=255))


def _speed(photos: list[Path], count: int) -> Iterator[str]:
    """Seconds for pictures of 12 megapixels: nothing known, all known; and the most memory at once."""
    with tempfile.TemporaryDirectory() as folder:
        content = Path(folder) / "content"
        content.mkdir()
        for n in range(count):
            _enlarge(photos[n % len(photos)], content / f"{n:04}.jpg", n)
        rows: list[tuple[str, float, float]] = []
        for how, workers in (("ours", ""), ("ours", "1"), ("peer", "")):
            command = [sys.executable, __file__, "--work", how, folder]
            environment = {"NEWSROOM_WORKERS": workers} if workers else {}
            name = {"ours": "ours", "peer": "pelican-image-process"}[how] + (f", {workers} worker" if workers else "")
            _forget(Path(folder))
            for known in ("nothing known", "all known"):
                seconds, processor = json.loads(run(command, PROJECT, environment).said.splitlines()[-1])
                rows.append((f"{name}, {known}", seconds, processor))
        _forget(Path(folder))
        most = peak([sys.executable, __file__, "--work", "ours", folder], PROJECT)
    cores = len(os.sched_getaffinity(0))
    yield f"| {count} pictures of 12 megapixels, {cores} cores | seconds | processors busy |"
    yield "|---|---|---|"
    for name, seconds, processor in rows:
        yield f"| {name} | {seconds:.1f} | {processor / seconds / cores:.0%} |"
    yield ""
    yield f"The most memory that ours held at once, on {cores} cores: {most / 1e6:.0f} MB."


def _enlarge(photo: Path, to: Path, seed: int) -> None:
    """A photograph of 12 megapixels as a telephone writes it."""
    with Image.open(photo) as picture:
        large = picture.convert("RGB").resize(LARGE, Image.Resampling.BICUBIC)
    noise = numpy.random.default_rng(seed).normal(0, 3, (LARGE[1], LARGE[0], 3))
    grainy = numpy.clip(numpy.asarray(large) + noise, 0, 255).astype(numpy.uint8)
    Image.fromarray(grainy).save(to, "JPEG", quality=90)


def _forget(folder: Path) -> None:
    for name in ("ours", "peer"):
        shutil.rmtree(folder / name, ignore_errors=True)


def _ours(folder: Path) -> tuple[float, float]:
    """Prepare every picture for the slots of a hero, as a build does; (seconds, seconds of processor)."""
    started, used = time.perf_counter(), _processor()
    (folder / "ours").mkdir(exist_ok=True)
    note, cache = folder / "ours/note", Cache(folder / "ours/cache.sqlite")
    known = msgspec.msgpack.decode(note.read_bytes(), type=dict[str, KnownPicture]) if note.exists() else {}
    now = time.time_ns()
    files = {path.name: settled(signature(path.stat()), now) for path in sorted((folder / "content").iterdir())}
    slots = read_slots(PROJECT / "theme")
    library = Library(
        folder / "content", files, slots, PictureMemory(known, cache.recall, cache.store, make_workers(os.environ).run)
    )
    orders = [slots[name].order() for name in ("hero", "card", "social")]
    library.prepare(dict.fromkeys(files, orders), lambda *_: None)
    note.write_bytes(msgspec.msgpack.encode(library.known))
    return time.perf_counter() - started, _processor() - used


def _peer(folder: Path) -> tuple[float, float]:
    """The same widths by pelican-image-process, which works in one process and writes JPEG."""
    started, used = time.perf_counter(), _processor()
    slots = read_slots(PROJECT / "theme")
    for path in sorted((folder / "content").iterdir()):
        _process(path, folder / "peer", slots["hero"].widths + slots["card"].widths)
    return time.perf_counter() - started, _processor() - used


def _process(path: Path, folder: Path, widths: tuple[int, ...]) -> list[Path]:
    from pelican.plugins.image_process import image_process

    image_process.ExifTool = types.SimpleNamespace(copy_tags=lambda source, to: None)  # it would copy the place, too
    made = []
    for width in widths:
        to = folder / f"{width}" / path.name
        image_process.process_image(
            (str(path), str(to), [f"scale_in {width} 100000 False"]), {"IMAGE_PROCESS_FORCE": False}
        )
        made.append(to)
    return made


def _processor() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


if __name__ == "__main__":
    main()
