"""The keys by which readers know a newsroom: a root key that lies offline, and release keys that it vouches for.

Each release carries `keys.json`, the list of release keys, signed by the root key, whose public half readers compare
with what is printed elsewhere. A release key that is stolen or lost is left out of the next list; readers who have seen
that list believe no release that it signed, and forget the numbers of the releases that it signed (TUF: recovery from
fast-forward). docs/decisions/021-keys.md says why, and what to do when a key is stolen.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from newsroom.publish import minisign
from newsroom.publish.manifest import MANIFEST, SIGNATURE, parse
from newsroom.publish.minisign import PublicKey

KEYS, KEYS_SIGNATURE = "keys.json", "keys.json.minisig"  # in the content folder, and in each release
LARGEST = 64_000  # bytes that a list of keys may have
_MOST = 20  # keys


class Keys(msgspec.Struct, frozen=True):
    """The release keys of a site. Times are seconds since 1970."""

    site: str  # SITEURL
    version: int  # counts up from 1
    time: int
    expires: int
    keys: tuple[str, ...]  # public keys as minisign prints them, RW…
    format: int = 1

    @property
    def trusted(self) -> dict[bytes, PublicKey]:
        """The keys by their numbers."""
        found = map(minisign.parse_public_key, self.keys)
        return {key.number: key for key in found}


def encode_keys(keys: Keys) -> bytes:
    """The list as it is signed and published."""
    return msgspec.json.format(msgspec.json.encode(keys, order="sorted"), indent=1) + b"\n"


def decode_keys(data: bytes) -> Keys:
    """A list that somebody may have made up. Raises ValueError where it is none."""
    keys = parse(data, Keys, LARGEST)
    if not 0 < len(keys.keys) <= _MOST or len(keys.trusted) < len(keys.keys):
        raise ValueError("it lists no keys, too many, or one twice")
    return keys


def next_keys(before: Keys | None, site: str, keys: Iterable[PublicKey], now: int, days: int) -> Keys:
    """The list that follows `before`, of which None means that there is none."""
    version = before.version + 1 if before else 1
    return Keys(site, version, now, now + days * 86_400, tuple(map(str, keys)))


def check_release(manifest: bytes, signature: bytes, keys: Keys) -> None:
    """Raise ValueError unless readers who know these keys will believe the manifest: a signature that was made
    elsewhere, such as by `minisign -S -l -m release.json` on a computer without network, is taken only so."""
    try:
        found = minisign.parse_signature(signature)
    except ValueError as error:
        raise ValueError(f"{SIGNATURE}: {error}; sign {MANIFEST} again") from None
    if found.hashed:
        message = f"{SIGNATURE} is prehashed, which readers' browsers cannot check"
        raise ValueError(f"{message}; sign again with `minisign -S -l -m {MANIFEST}`")
    key = keys.trusted.get(found.number)
    if key is None:
        listed = ", ".join(each.name for each in keys.trusted.values())
        message = f"{MANIFEST} is signed by the key {found.name}, and {KEYS} lists {listed}"
        raise ValueError(f"{message}; sign it with a listed key, or list this one with `tasks.py keys`")
    if not minisign.holds(manifest, found, key):
        raise ValueError(f"{SIGNATURE} is not the signature of this {MANIFEST}; sign it with the key {found.name}")
