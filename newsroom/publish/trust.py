"""Whether a release may be believed: the root key vouches for release keys, a release key for the manifest, and neither
may be old, or older than what was seen. The rules are TUF's (theupdateframework.github.io/specification, 5.3 to 5.6).

Pure: the browser's verify.js follows the same steps in the same order.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

import msgspec

from newsroom.files import digest
from newsroom.publish import minisign
from newsroom.publish.faults import FATAL, Fault, Kind
from newsroom.publish.keys import KEYS, KEYS_SIGNATURE, Keys, decode_keys
from newsroom.publish.manifest import MANIFEST, SIGNATURE, Manifest, decode
from newsroom.publish.minisign import PublicKey

_LEEWAY = 600  # seconds that a clock may be slow
_DO_NOT = "do not believe this copy, and use another address"


class Seen(msgspec.Struct, frozen=True):
    """The newest of a site that was verified here: what is older may be shown to keep somebody from news."""

    keys: int = 0  # the version of the list of keys
    version: int = 0
    sha256: str = ""  # of the manifest
    key: str = ""  # that signed it


@dataclass(frozen=True)
class Proofs:
    """The four files by which a copy proves what it is; None for one that is not there."""

    keys: bytes | None
    keys_signature: bytes | None
    manifest: bytes | None
    signature: bytes | None


@dataclass(frozen=True)
class Verdict:
    """What the proofs say. `manifest` is None where it may not be used; `seen` is what to remember."""

    faults: tuple[Fault, ...]
    manifest: Manifest | None = None
    keys: Keys | None = None
    key: PublicKey | None = None  # that signed the manifest
    seen: Seen = field(default_factory=Seen)


class _Doubt(Exception):
    def __init__(self, kind: Kind, sentence: str) -> None:
        super().__init__(sentence)
        self.fault = Fault(kind, sentence)


def judge(proofs: Proofs, root: PublicKey | None, now: int, seen: Seen, site: str = "") -> Verdict:
    """Judge a copy's proofs by the root key, or, without one, only whether its manifest is one. `seen` is what was
    remembered of this site; `site` is the one that was asked for, if it is known."""
    try:
        if root is None:
            manifest = _manifest(proofs.manifest)
            return Verdict(tuple(_times(manifest, None, now)), manifest, seen=seen)
        keys = _keys(proofs, root)
        key = _signer(proofs, keys)
        manifest = _manifest(proofs.manifest)
        _same_site(manifest, keys, site)
    except _Doubt as doubt:
        return Verdict((doubt.fault,), seen=seen)
    faults = [*_rollbacks(proofs, manifest, keys, seen), *_times(manifest, keys, now)]
    if not {fault.kind for fault in faults} & {Kind.ROLLBACK, Kind.CLOCK}:
        seen = Seen(keys.version, manifest.version, digest(proofs.manifest or b""), str(key))
    return Verdict(tuple(faults), manifest, keys, key, seen)


def is_fatal(verdict: Verdict) -> bool:
    """Whether the files are not worth looking at."""
    return verdict.manifest is None or any(fault.kind in FATAL for fault in verdict.faults)


def _keys(proofs: Proofs, root: PublicKey) -> Keys:
    """The list of release keys, signed by the root key."""
    for name, data in ((KEYS, proofs.keys), (KEYS_SIGNATURE, proofs.keys_signature)):
        if data is None:
            raise _Doubt(Kind.UNSIGNED, f"{name} is missing: nothing shows who made this copy; {_DO_NOT}")
    data, signature = proofs.keys or b"", proofs.keys_signature or b""
    found = _signature(KEYS_SIGNATURE, signature)
    if found.number != root.number:
        message = f"{KEYS} is signed by the key {found.name}, and yours is {root.name}"
        remedy = "compare your key with where the newsroom prints it, and do not believe this copy"
        raise _Doubt(Kind.FORGED, f"{message}: somebody else made it, or your key is not this newsroom's; {remedy}")
    if not minisign.holds(data, found, root):
        raise _Doubt(Kind.FORGED, f"{KEYS} does not match its signature: it was changed; {_DO_NOT}")
    try:
        return decode_keys(data)
    except ValueError as error:
        raise _Doubt(Kind.FORGED, f"{KEYS} is no list of keys ({error}); ask the newsroom") from None


def _signer(proofs: Proofs, keys: Keys) -> PublicKey:
    """The release key that signed the manifest."""
    for name, data in ((MANIFEST, proofs.manifest), (SIGNATURE, proofs.signature)):
        if data is None:
            raise _Doubt(Kind.UNSIGNED, f"{name} is missing: nothing shows who made this copy; {_DO_NOT}")
    found = _signature(SIGNATURE, proofs.signature or b"")
    key = keys.trusted.get(found.number)
    if key is None:
        message = (
            f"{MANIFEST} is signed by the key {found.name}, which the newsroom's {KEYS} {keys.version} does not list"
        )
        raise _Doubt(
            Kind.WITHDRAWN, f"{message}: it was withdrawn, perhaps because it was stolen, or is not theirs; {_DO_NOT}"
        )
    if not minisign.holds(proofs.manifest or b"", found, key):
        raise _Doubt(Kind.FORGED, f"{MANIFEST} does not match its signature: it was changed; {_DO_NOT}")
    return key


def _signature(name: str, data: bytes) -> minisign.Signature:
    try:
        return minisign.parse_signature(data)
    except ValueError as error:
        raise _Doubt(
            Kind.UNSIGNED, f"{name} is not to be read ({error}): nothing shows who made this copy; {_DO_NOT}"
        ) from None


def _manifest(data: bytes | None) -> Manifest:
    if data is None:
        raise _Doubt(Kind.UNSIGNED, f"{MANIFEST} is missing: nothing shows what this copy should be; {_DO_NOT}")
    try:
        return decode(data)
    except ValueError as error:
        raise _Doubt(Kind.FORGED, f"{MANIFEST} is no manifest of a release ({error}); {_DO_NOT}") from None


def _same_site(manifest: Manifest, keys: Keys, site: str) -> None:
    for wanted in (keys.site, site or keys.site):
        if manifest.site != wanted:
            message = f"it is a release of {manifest.site}, not of {wanted}"
            raise _Doubt(Kind.SITE, f"{message}: another site is shown in its place; use another address")


def _rollbacks(proofs: Proofs, manifest: Manifest, keys: Keys, seen: Seen) -> list[Fault]:
    """What is older than what was seen. Numbers of a key that is no more listed are forgotten: its thief may have
    signed any number."""
    found = []
    if keys.version < seen.keys:
        message = f"{KEYS} is list {keys.version}, and list {seen.keys} was seen here"
        found.append(f"{message}: a withdrawn key could be listed in it; {_DO_NOT}")
    elif seen.key in keys.keys and manifest.version < seen.version:
        message = f"it is release {manifest.version}, and release {seen.version} was seen here"
        found.append(f"{message}: somebody shows old news, or this address is not up to date yet; use another address")
    elif seen.key in keys.keys and manifest.version == seen.version and digest(proofs.manifest or b"") != seen.sha256:
        message = f"it is another release {manifest.version} than the one seen here"
        found.append(f"{message}: two were signed with one number, as a thief of the key might; ask the newsroom")
    return [Fault(Kind.ROLLBACK, sentence) for sentence in found]


def _times(manifest: Manifest, keys: Keys | None, now: int) -> list[Fault]:
    """What is dated later than now, or no more to be believed."""
    latest = max(manifest.time, keys.time if keys else 0)
    if latest > now + _LEEWAY:
        message = f"the release is dated {_shown(latest)}, and it is {_shown(now)} by your clock"
        return [
            Fault(Kind.CLOCK, f"{message}: your clock is slow, or the newsroom's was fast; set yours and verify again")
        ]
    found = []
    if manifest.expires <= now:
        message = (
            f"the release was to be believed until {_shown(manifest.expires)}, and it is {_shown(now)} by your clock"
        )
        found.append(f"{message}: this copy gets no new ones, or your clock is fast; look for news at another address")
    if keys and keys.expires <= now:
        message = f"{KEYS} was to be believed until {_shown(keys.expires)}, and it is {_shown(now)} by your clock"
        found.append(f"{message}: a key may have been withdrawn since; look for a newer list at another address")
    return [Fault(Kind.EXPIRED, sentence) for sentence in found]


def _shown(time: int) -> str:
    try:
        return f"{datetime.fromtimestamp(time, UTC):%Y-%m-%d %H:%M} UTC"
    except (ValueError, OverflowError, OSError):
        return f"the second {time}"
