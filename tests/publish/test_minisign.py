"""minisign's format, with Debian's minisign as the other side."""

from __future__ import annotations

import base64
import shutil
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsroom.publish import minisign
from newsroom.publish.minisign import PublicKey, SecretKey, holds, parse_public_key, parse_secret_key, parse_signature
from tests.publish.signed import key

CHEAP = 32_768, 16_777_216  # work and memory of a passphrase, for tests
secret_keys = st.builds(SecretKey, st.binary(min_size=8, max_size=8), st.binary(min_size=32, max_size=32))
comments = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=100)


@pytest.fixture
def program(tmp_path: Path) -> Callable[..., str]:
    """Debian's minisign, run in `tmp_path`; answers what it prints."""
    if not shutil.which("minisign"):
        pytest.fail("needs minisign, as `apt install minisign` brings")

    def run(*arguments: str, typed: str = "", fails: bool = False) -> str:
        done = subprocess.run(
            ["minisign", *arguments], cwd=tmp_path, input=typed, capture_output=True, text=True, timeout=60
        )
        assert (done.returncode != 0) is fails, done.stdout + done.stderr
        return done.stdout + done.stderr

    return run


def no_passphrase() -> str:
    raise AssertionError("nobody should be asked")


@given(st.binary(max_size=300), secret_keys, comments)
def test_what_is_signed_is_read_and_holds(data: bytes, secret: SecretKey, comment: str) -> None:
    signature = parse_signature(minisign.sign(data, secret, comment))
    assert (signature.hashed, signature.comment, signature.name) == (False, comment, secret.public.name)
    assert holds(data, signature, secret.public)
    assert not holds(data + b"x", signature, secret.public)


@given(secret_keys)
def test_keys_are_read_as_they_were_written(secret: SecretKey) -> None:
    assert parse_public_key(str(secret.public)) == parse_public_key(secret.public.file) == secret.public
    assert parse_secret_key(minisign.secret_key_file(secret, ""), no_passphrase) == secret
    assert secret.seed.hex() not in repr(secret)
    assert repr(secret.seed) not in repr(secret)


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_garbage_is_refused_in_a_sentence(data: bytes) -> None:
    text = data.decode("latin-1")
    for parse in (
        lambda: parse_signature(data),
        lambda: parse_public_key(text),
        lambda: parse_secret_key(text, no_passphrase),
    ):
        with pytest.raises(ValueError, match=r"^it is no "):
            parse()


@given(st.data())
def test_a_changed_signature_holds_no_more_or_is_refused(data: st.DataObject) -> None:
    signed = bytearray(minisign.sign(b"news", key(1), "comment"))
    begin = signed.index(b"\n")  # what stands before is the untrusted comment
    at = data.draw(st.integers(begin, len(signed) - 1))
    signed[at] = data.draw(st.integers(0, 255).filter(lambda byte: byte != signed[at]))
    with suppress(ValueError):
        assert not holds(b"news", parse_signature(bytes(signed)), key(1).public)


def test_another_key_of_the_same_number_does_not_sign_for_it() -> None:
    signature = parse_signature(minisign.sign(b"news", SecretKey(b"12345678", bytes(32)), ""))
    assert not holds(b"news", signature, PublicKey(b"12345678", key(2).public.key))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "it is no public key of minisign, which is one line that begins with RW"),
        ("RWQ", "it is no public key of minisign: a line is not the base64 of 42 bytes"),
        ("A" * 56, "it is no public key of minisign, which begins with RW"),
    ],
)
def test_what_is_no_public_key_is_told(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{sentence}$"):
        parse_public_key(text)


def test_a_comment_is_one_line_of_ascii() -> None:
    for comment in ("two\nlines", "ខ្មែរ", "x" * 9000):
        with pytest.raises(ValueError, match=r"is not one line of ASCII; shorten or rewrite it$"):
            minisign.sign(b"", key(1), comment)


def test_a_passphrase_opens_its_key_and_no_other_does() -> None:
    file = minisign.secret_key_file(key(1), "ពាក្យ", *CHEAP)
    assert parse_secret_key(file, lambda: "ពាក្យ") == key(1)
    with pytest.raises(ValueError, match=r"^the passphrase is wrong$"):
        parse_secret_key(file, lambda: "word")


def test_a_key_that_asks_for_too_much_memory_is_refused() -> None:
    lines = minisign.secret_key_file(key(1), "word", *CHEAP).splitlines()
    data = bytearray(base64.b64decode(lines[1]))
    data[46:54] = (2**40).to_bytes(8, "little")
    with pytest.raises(ValueError, match=r"^it asks for more work or memory than minisign's keys do$"):
        parse_secret_key(f"{lines[0]}\n{base64.b64encode(data).decode()}\n", lambda: "word")


def test_a_damaged_key_is_refused() -> None:
    lines = minisign.secret_key_file(key(1), "").splitlines()
    data = bytearray(base64.b64decode(lines[1]))
    data[70] ^= 1
    with pytest.raises(ValueError, match=r"^it is damaged$"):
        parse_secret_key(f"{lines[0]}\n{base64.b64encode(data).decode()}\n", no_passphrase)


def test_debians_minisign_verifies_what_is_signed_here(tmp_path: Path, program: Callable[..., str]) -> None:
    (tmp_path / "release.json").write_bytes(b"news")
    (tmp_path / "release.json.minisig").write_bytes(minisign.sign(b"news", key(1), "release 12"))
    (tmp_path / "root.pub").write_text(key(1).public.file)
    assert "Trusted comment: release 12" in program("-V", "-m", "release.json", "-P", str(key(1).public))
    program("-V", "-m", "release.json", "-p", "root.pub")
    program("-V", "-m", "release.json", "-P", str(key(2).public), fails=True)
    (tmp_path / "release.json").write_bytes(b"olds")
    program("-V", "-m", "release.json", "-p", "root.pub", fails=True)


@pytest.mark.parametrize("options", [["-l"], [], ["-l", "-t", "a comment"]])
def test_what_debians_minisign_signs_is_verified_here(
    tmp_path: Path, program: Callable[..., str], options: list[str]
) -> None:
    (tmp_path / "news").write_bytes(b"news")
    program("-G", "-W", "-p", "its.pub", "-s", "its.key")
    program("-S", *options, "-s", "its.key", "-m", "news")
    public = parse_public_key((tmp_path / "its.pub").read_text())
    signature = parse_signature((tmp_path / "news.minisig").read_bytes())
    assert signature.hashed is ("-l" not in options)
    assert holds(b"news", signature, public)
    assert not holds(b"olds", signature, public)
    secret = parse_secret_key((tmp_path / "its.key").read_text(), no_passphrase)
    assert secret.public == public


def test_debians_minisign_signs_with_a_key_that_is_made_here(tmp_path: Path, program: Callable[..., str]) -> None:
    (tmp_path / "news").write_bytes(b"news")
    (tmp_path / "open.key").write_text(minisign.secret_key_file(key(1), ""))
    (tmp_path / "locked.key").write_text(minisign.secret_key_file(key(1), "word", *CHEAP))
    for name, typed in (("open.key", ""), ("locked.key", "word\n")):
        program("-S", "-l", "-s", name, "-m", "news", typed=typed)
        assert holds(b"news", parse_signature((tmp_path / "news.minisig").read_bytes()), key(1).public)


def test_a_key_that_debians_minisign_locked_is_opened(tmp_path: Path, program: Callable[..., str]) -> None:
    program("-G", "-p", "its.pub", "-s", "its.key", typed="word\nword\n")
    secret = parse_secret_key((tmp_path / "its.key").read_text(), lambda: "word")
    assert secret.public == parse_public_key((tmp_path / "its.pub").read_text())
