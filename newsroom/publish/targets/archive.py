"""The whole site as one zip: for a host that takes one, for a messenger, for an archive."""

from __future__ import annotations

import os
import shutil
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from newsroom.publish.manifest import MANIFEST, Manifest
from newsroom.publish.targets.base import Limits, Progress, PublishFailed, Release
from newsroom.publish.targets.locking import hold_beside

_PACKED = (".avif", ".br", ".gif", ".gz", ".jpg", ".mp3", ".mp4", ".pdf", ".png", ".webm", ".webp", ".woff2", ".zip")
_FIRST, _LAST = 315532800, 4354819199  # the times that a zip can tell: 1980 to 2107


class ZipTarget:
    """A zip file as a place to publish to. The same release makes the same bytes."""

    limits = Limits()

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path).expanduser()
        self.name = str(self.path)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Keep other publishers away, as long as this process lives."""
        with self._explained("it cannot be written"):
            self.path.parent.mkdir(parents=True, exist_ok=True)
        with hold_beside(self.path, self.name):
            yield

    def read(self, name: str) -> bytes | None:
        """A file as the zip holds it. Raises PublishFailed where there is another file of that name."""
        try:
            with self._explained("it cannot be read"), zipfile.ZipFile(self.path) as archive:
                return archive.read(name)
        except (FileNotFoundError, KeyError):
            return None
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError):
            raise PublishFailed(f"{self.name}: it is no zip file; move it away, or name another") from None

    def put(self, release: Release, before: Manifest | None, progress: Progress) -> str:
        """Make the zip anew beside the last one, and take its place."""
        if before is None and self.path.exists() and self.read(MANIFEST) is None:
            raise PublishFailed(f"{self.name}: it is a zip that no release wrote; move it away, or name another")
        half = self.path.with_name(f".{self.path.name}.half")
        with self._explained("it cannot be written"):
            try:
                self._write(half, release, progress)
                os.chmod(half, 0o644)
                os.utime(half, (release.manifest.time, release.manifest.time))
                os.replace(half, self.path)
            finally:
                half.unlink(missing_ok=True)
        return f"{len(release.manifest.files) + len(release.proofs)} files in {self.path.stat().st_size / 1e6:.1f} MB"

    def _write(self, half: Path, release: Release, progress: Progress) -> None:
        files = release.manifest.files
        names = sorted([*files, *release.proofs])
        with half.open("wb") as file:
            with zipfile.ZipFile(file, "w") as archive:
                for done, name in enumerate(names):
                    progress(f"packing {self.name}", done, len(names))
                    since = files[name].since if name in files else release.manifest.time
                    _pack(archive, release.folder / name, entry(name, since))
            progress(f"packing {self.name}", len(names), len(names))
            file.flush()
            os.fsync(file.fileno())

    @contextmanager
    def _explained(self, what: str) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError:
            raise
        except OSError as error:
            message = f"{what} ({error.strerror or error}); mend that, then publish again"
            raise PublishFailed(f"{self.name}: {message}") from error


def entry(name: str, since: int) -> zipfile.ZipInfo:
    """A file's head in a zip, whoever makes it, where and when."""
    info = zipfile.ZipInfo(name, time.gmtime(min(max(since, _FIRST), _LAST))[:6])
    info.create_system, info.external_attr = 3, 0o100644 << 16  # as on Unix, with its modes
    info.compress_type = zipfile.ZIP_STORED if name.endswith(_PACKED) else zipfile.ZIP_DEFLATED
    return info


def _pack(archive: zipfile.ZipFile, path: Path, info: zipfile.ZipInfo) -> None:
    info.file_size = path.stat().st_size  # tells whether the zip needs the larger form
    with path.open("rb") as source, archive.open(info, "w") as packed:
        shutil.copyfileobj(source, packed, 1 << 20)
