"""A newsroom that signs small releases into folders, for tests of what readers can tell about copies."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from newsroom.files import digest
from newsroom.publish import minisign
from newsroom.publish.keys import KEYS, KEYS_SIGNATURE, Keys, encode_keys, next_keys
from newsroom.publish.manifest import MANIFEST, PREVIOUS, SIGNATURE, File, Manifest, encode
from newsroom.publish.minisign import SecretKey

SITE = "https://news.example"
NOW = 1_800_000_000
DAY = 86_400
FILES = {
    "index.html": b"<p>front",
    "2026/11/story.html": b"<p>story",
    "theme/css/site.12345678.css": b"p{}",
    "a name with #? %41 and \xc3\xa9.txt".encode("latin-1").decode("utf-8"): b"odd",
    "empty.txt": b"",
}


def key(number: int) -> SecretKey:
    """The same key for the same number."""
    return SecretKey(bytes([number] * 8), bytes([number] * 32))


@dataclass
class Press:
    """Makes releases of one site; what it keeps is the newest list of keys."""

    root: SecretKey = field(default_factory=lambda: key(1))
    release: SecretKey = field(default_factory=lambda: key(2))
    site: str = SITE
    keys: Keys | None = None
    mirrors: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.keys is None:
            self.list_keys(self.release)

    def list_keys(self, *keys: SecretKey, now: int = NOW, days: int = 400) -> None:
        self.keys = next_keys(self.keys, self.site, [each.public for each in keys], now, days)

    def print(
        self,
        folder: Path,
        files: dict[str, bytes] | None = None,
        version: int = 1,
        time: int = NOW,
        days: int = 90,
        previous: bytes = b"",
    ) -> bytes:
        """Write a whole release into the folder; gives its manifest's bytes."""
        assert self.keys
        listed = encode_keys(self.keys)
        whole = {**(FILES if files is None else files), KEYS: listed}
        whole[KEYS_SIGNATURE] = minisign.sign(listed, self.root, "keys")
        if previous:
            whole[PREVIOUS] = previous
        named = {name: File(len(data), digest(data), time) for name, data in whole.items()}
        past = digest(previous) if previous else ""
        manifest = encode(
            Manifest(self.site, version, time, time + days * DAY, named, version - 1, past, mirrors=self.mirrors)
        )
        whole |= {MANIFEST: manifest, SIGNATURE: minisign.sign(manifest, self.release, f"release {version}")}
        for name, data in whole.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)
        return manifest
