"""minisign's format (jedisct1.github.io/minisign): public keys, secret keys and signatures as its own files hold them.

Signatures are read in both of its algorithms and written in the older, `Ed`, Ed25519 of the bytes themselves: browsers
can check that with WebCrypto, which has no BLAKE2b. Whatever is read may have been made up: ValueError says in a
sentence what is wrong with it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
from collections.abc import Callable
from dataclasses import dataclass, field

from nacl.exceptions import BadSignatureError
from nacl.pwhash import scrypt
from nacl.signing import SigningKey, VerifyKey

LARGEST = 16_000  # bytes of a file of this format: minisign's own limits of its four lines
_PURE, _HASHED = b"Ed", b"ED"  # Ed25519 of the bytes, and of their BLAKE2b-512
_LOCKED, _OPEN = b"Sc", b"\0\0"  # whether a passphrase is needed
_CHECKED = b"B2"  # BLAKE2b-256 over algorithm, number and key
_UNTRUSTED, _TRUSTED = "untrusted comment: ", "trusted comment: "
_MOST_MEMORY = 2 * scrypt.MEMLIMIT_SENSITIVE  # what no key's file may ask for more of


@dataclass(frozen=True)
class PublicKey:
    """A key that signatures are checked with; `number` is what its signatures name it by."""

    number: bytes  # 8
    key: bytes  # 32

    def __str__(self) -> str:
        """As it is printed and typed: `RW…`."""
        return base64.b64encode(_PURE + self.number + self.key).decode()

    @property
    def name(self) -> str:
        """How minisign calls it in comments: 16 hexadecimal digits."""
        return _name(self.number)

    @property
    def file(self) -> str:
        """As minisign keeps it in a file."""
        return f"{_UNTRUSTED}minisign public key {self.name}\n{self}\n"


@dataclass(frozen=True)
class SecretKey:
    """A key to sign with. It never shows its secret by itself."""

    number: bytes  # 8
    seed: bytes = field(repr=False)  # 32

    @property
    def public(self) -> PublicKey:
        return PublicKey(self.number, bytes(SigningKey(self.seed).verify_key))


@dataclass(frozen=True)
class Signature:
    """What a `.minisig` file says."""

    number: bytes  # of the key
    hashed: bool  # whether it is over the bytes' BLAKE2b-512
    signature: bytes  # 64
    comment: str  # signed too
    comment_signature: bytes  # 64

    @property
    def name(self) -> str:
        """The name of the key, as minisign prints it."""
        return _name(self.number)


def make_key() -> SecretKey:
    return SecretKey(os.urandom(8), os.urandom(32))


def parse_public_key(text: str) -> PublicKey:
    """A public key, alone or as its file, which begins with a comment. Raises ValueError."""
    lines = text.strip().splitlines()
    if len(lines) == 2 and lines[0].startswith(_UNTRUSTED):
        del lines[0]
    if len(lines) != 1:
        raise ValueError("it is no public key of minisign, which is one line that begins with RW")
    data = _decoded(lines[0], 42, "public key")
    if data[:2] != _PURE:
        raise ValueError("it is no public key of minisign, which begins with RW")
    return PublicKey(data[2:10], data[10:])


def parse_signature(data: bytes) -> Signature:
    """The signature in a `.minisig` file. Raises ValueError."""
    lines = _lines(data, "signature")
    if len(lines) != 4 or not lines[0].startswith(_UNTRUSTED) or not lines[2].startswith(_TRUSTED):
        raise ValueError("it is no signature of minisign, which has four lines, two of them comments")
    first, second = _decoded(lines[1], 74, "signature"), _decoded(lines[3], 64, "signature")
    if first[:2] not in (_PURE, _HASHED):
        raise ValueError("its algorithm is none of minisign's, Ed and ED")
    comment = lines[2].removeprefix(_TRUSTED)
    if not comment.replace("\t", "").isprintable():
        raise ValueError("its comment holds letters that cannot be printed")
    return Signature(first[2:10], first[:2] == _HASHED, first[10:], comment, second)


def sign(data: bytes, key: SecretKey, comment: str) -> bytes:
    """The `.minisig` file of the bytes. `comment` is signed too: one line of ASCII, as minisign of every locale can
    show it."""
    if not (comment.isascii() and comment.isprintable()) or len(comment) > 8000:
        raise ValueError(f"the comment {comment!r} is not one line of ASCII; shorten or rewrite it")
    signing = SigningKey(key.seed)
    made = signing.sign(data).signature
    whole = signing.sign(made + comment.encode()).signature
    lines = [
        f"{_UNTRUSTED}signature from minisign secret key {key.public.name}",
        base64.b64encode(_PURE + key.number + made).decode(),
        _TRUSTED + comment,
        base64.b64encode(whole).decode(),
    ]
    return "".join(f"{line}\n" for line in lines).encode()


def holds(data: bytes, signature: Signature, key: PublicKey) -> bool:
    """Whether the key's owner signed these bytes, and the comment."""
    if signature.number != key.number:
        return False
    signed = hashlib.blake2b(data).digest() if signature.hashed else data
    try:
        VerifyKey(key.key).verify(signed, signature.signature)
        VerifyKey(key.key).verify(signature.signature + signature.comment.encode(), signature.comment_signature)
    except BadSignatureError:
        return False
    return True


def secret_key_file(
    key: SecretKey, passphrase: str, work: int = scrypt.OPSLIMIT_SENSITIVE, memory: int = scrypt.MEMLIMIT_SENSITIVE
) -> str:
    """The key as minisign keeps it in a file, to be opened by the passphrase, or by nobody's if that is ""."""
    secret = key.number + key.seed + key.public.key
    secret += _checksum(secret)
    salt = os.urandom(32) if passphrase else bytes(32)
    head = _PURE + (_LOCKED if passphrase else _OPEN) + _CHECKED + salt
    if passphrase:
        head += work.to_bytes(8, "little") + memory.to_bytes(8, "little")
        secret = _mixed(secret, passphrase, salt, work, memory)
    else:
        head += bytes(16)
    kind = "encrypted secret key" if passphrase else "secret key"
    return f"{_UNTRUSTED}minisign {kind}\n{base64.b64encode(head + secret).decode()}\n"


def parse_secret_key(text: str, passphrase: Callable[[], str]) -> SecretKey:
    """The key of a secret key's file; `passphrase` is asked for where it needs one. Raises ValueError."""
    lines = _lines(text.encode(), "secret key")
    if len(lines) != 2 or not lines[0].startswith(_UNTRUSTED):
        raise ValueError("it is no secret key of minisign, which has two lines, the first a comment")
    data = _decoded(lines[1], 158, "secret key")
    kind, secret = data[2:4], data[54:]
    if data[:2] != _PURE or kind not in (_LOCKED, _OPEN) or data[4:6] != _CHECKED:
        raise ValueError("it is no secret key of minisign, or of a newer one than this program knows")
    if kind == _LOCKED:
        work, memory = int.from_bytes(data[38:46], "little"), int.from_bytes(data[46:54], "little")
        secret = _mixed(secret, passphrase(), data[6:38], work, memory)
    number, seed, public, checksum = secret[:8], secret[8:40], secret[40:72], secret[72:]
    unchecked = kind == _OPEN and checksum == bytes(32)  # as minisign -W leaves it
    if not (unchecked or hmac.compare_digest(checksum, _checksum(secret[:72]))):
        raise ValueError("the passphrase is wrong" if kind == _LOCKED else "it is damaged")
    if bytes(SigningKey(seed).verify_key) != public:
        raise ValueError("it is damaged")
    return SecretKey(number, seed)


def _mixed(secret: bytes, passphrase: str, salt: bytes, work: int, memory: int) -> bytes:
    """Locked or unlocked, which is the same to do."""
    if not (scrypt.OPSLIMIT_MIN <= work <= 2 * scrypt.OPSLIMIT_SENSITIVE and memory <= _MOST_MEMORY):
        raise ValueError("it asks for more work or memory than minisign's keys do")
    try:
        stream = scrypt.kdf(len(secret), passphrase.encode(), salt, work, max(memory, scrypt.MEMLIMIT_MIN))
    except (RuntimeError, MemoryError, ValueError):
        needed = memory // 1_000_000
        raise ValueError(f"this computer has not the {needed} MB of memory that its passphrase needs") from None
    return bytes(one ^ other for one, other in zip(secret, stream, strict=True))


def _checksum(secret: bytes) -> bytes:
    return hashlib.blake2b(_PURE + secret, digest_size=32).digest()


def _name(number: bytes) -> str:
    return f"{int.from_bytes(number, 'little'):016X}"


def _lines(data: bytes, kind: str) -> list[str]:
    if len(data) > LARGEST:
        raise ValueError(f"it is no {kind} of minisign: it has {len(data)} bytes")
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise ValueError(f"it is no {kind} of minisign: it is not UTF-8") from None
    return text.removesuffix("\n").split("\n")


def _decoded(line: str, length: int, kind: str) -> bytes:
    try:
        data = base64.b64decode(line, validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if len(data) != length or base64.b64encode(data).decode() != line:
        raise ValueError(f"it is no {kind} of minisign: a line is not the base64 of {length} bytes")
    return data
