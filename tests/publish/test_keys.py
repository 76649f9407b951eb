"""The list of release keys, and the files of all keys."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsroom.publish import minisign
from newsroom.publish.keyfiles import (
    House,
    describe_keys,
    keys_command,
    load_keys,
    make_keys,
    read_secret_key,
    refuse_inside,
    renew_keys,
    rotate_keys,
    sign_release,
)
from newsroom.publish.keys import KEYS, Keys, check_release, decode_keys, encode_keys, next_keys
from newsroom.publish.minisign import parse_public_key, parse_secret_key, parse_signature
from newsroom.publish.targets.base import PublishFailed
from tests.publish.signed import DAY, NOW, SITE, key

LIST = next_keys(None, SITE, [key(1).public, key(2).public], NOW, 400)


@pytest.fixture
def house(tmp_path: Path) -> House:
    (tmp_path / "project" / "content").mkdir(parents=True)
    return House(tmp_path / "project", tmp_path / "project" / "content", SITE, NOW)


@pytest.fixture
def root_key(house: House) -> str:
    """The public root key of a newsroom whose keys lie in `keys/` beside its project."""
    make_keys(house, house.project.parent / "keys", silent)
    return str(parse_public_key((house.project.parent / "keys" / "root.pub").read_text()))


def silent(sentence: str) -> str:
    return ""


def listed(house: House) -> Keys:
    return decode_keys((house.content / KEYS).read_bytes())


def test_a_list_is_read_as_it_was_written() -> None:
    assert decode_keys(encode_keys(LIST)) == LIST
    assert LIST.trusted == {key(1).number: key(1).public, key(2).number: key(2).public}


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_garbage_is_no_list(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        decode_keys(data)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"format": 2}, "its format is 2, and this program knows 1"),
        ({"keys": ()}, "it lists no keys, too many, or one twice"),
        ({"keys": (str(key(1).public),) * 2}, "it lists no keys, too many, or one twice"),
        ({"keys": ("RW",)}, "it is no public key of minisign: a line is not the base64 of 42 bytes"),
    ],
)
def test_what_is_wrong_with_a_list_is_told(change: dict[str, object], sentence: str) -> None:
    values = {name: getattr(LIST, name) for name in LIST.__struct_fields__}
    with pytest.raises(ValueError, match=f"^{sentence}$"):
        decode_keys(encode_keys(Keys(**{**values, **change})))


def test_the_first_keys_are_made_and_can_sign(house: House, root_key: str) -> None:
    folder = house.project.parent / "keys"
    assert sorted(path.name for path in folder.iterdir()) == ["release.key", "release.pub", "root.key", "root.pub"]
    assert {path.stat().st_mode & 0o777 for path in folder.glob("*.key")} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700
    _, _, keys = load_keys(house, root_key)
    assert (keys.version, keys.site, keys.expires) == (1, SITE, NOW + 400 * DAY)
    check_release(b"news", sign_release(b"news", folder / "release.key", lambda: "", "release 1"), keys)


def test_what_to_do_with_the_keys_is_said(house: House) -> None:
    folder = house.project.parent / "keys"
    said = make_keys(house, folder, silent)
    root = parse_public_key((folder / "root.pub").read_text())
    assert f'Set in NEWSROOM: "root_key": "{root}", "signing_key": "{folder / "release.key"}"\n' in said


def test_debians_minisign_verifies_the_list(house: House, root_key: str) -> None:
    assert shutil.which("minisign"), "needs minisign, as `apt install minisign` brings"
    subprocess.run(["minisign", "-V", "-m", KEYS, "-P", root_key], cwd=house.content, check=True, capture_output=True)


def test_keys_are_never_made_twice_nor_in_the_project(house: House, root_key: str) -> None:
    with pytest.raises(PublishFailed, match=r"^content/keys.json is there: this newsroom has keys; rotate them"):
        make_keys(house, house.project.parent / "others", silent)
    inside = house.content / "keys"
    for act in (
        lambda: make_keys(house, inside, silent),
        lambda: rotate_keys(house, root_key, None, inside, silent),
        lambda: refuse_inside(inside, house.project),
    ):
        with pytest.raises(
            PublishFailed, match=r"secret keys never lie in the project's folder; name one outside of it$"
        ):
            act()
    (house.project.parent / "link").symlink_to(house.content)
    with pytest.raises(PublishFailed, match="secret keys never lie in the project's folder"):
        make_keys(house, house.project.parent / "link", silent)


def test_a_key_is_not_written_over(house: House, tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "root.key").write_text("precious")
    with pytest.raises(PublishFailed, match=r"root.key is there, and is not written over; name another folder$"):
        make_keys(house, tmp_path / "keys", silent)
    assert (tmp_path / "keys" / "root.key").read_text() == "precious"
    assert not (house.content / KEYS).exists()


def test_a_passphrase_is_asked_for_twice_and_then_needed(house: House, tmp_path: Path) -> None:
    asked: list[str] = []
    answers = iter(["", "word", "work"])
    with pytest.raises(PublishFailed, match=r"^the two passphrases of the release key differ; begin again$"):
        make_keys(house, tmp_path / "keys", lambda sentence: asked.append(sentence) or next(answers))
    assert asked == [
        "New passphrase of the root key (nothing: anybody who has the file can use it): ",
        "New passphrase of the release key (nothing: anybody who has the file can use it): ",
        "Once more: ",
    ]


def test_a_new_key_takes_the_place_of_the_old(house: House, root_key: str) -> None:
    folder = house.project.parent / "keys"
    old = sign_release(b"news", folder / "release.key", lambda: "", "")
    said = rotate_keys(house, root_key, folder / "root.key", folder, silent)
    _, _, keys = load_keys(house, root_key)
    new = parse_public_key((folder / "release.2.pub").read_text())
    assert (keys.version, keys.keys) == (2, (str(new),))
    assert said == (
        f"content/keys.json 2 lists {new.name}.\n"
        f'Set in NEWSROOM: "signing_key": "{folder / "release.2.key"}", then publish.'
    )
    with pytest.raises(ValueError, match=f"and keys.json lists {new.name}; sign it with a listed key"):
        check_release(b"news", old, keys)
    check_release(b"news", sign_release(b"news", folder / "release.2.key", lambda: "", ""), keys)


def test_the_old_key_can_be_kept_for_a_while_and_then_withdrawn(house: House, root_key: str) -> None:
    folder = house.project.parent / "keys"
    old = parse_public_key((folder / "release.pub").read_text())
    rotate_keys(house, root_key, folder / "root.key", folder, silent, keep=True)
    new = parse_public_key((folder / "release.2.pub").read_text())
    assert listed(house).keys == (str(new), str(old))
    renew_keys(replace(house, now=NOW + DAY), root_key, folder / "root.key", silent, without=old.name)
    assert listed(house) == Keys(SITE, 3, NOW + DAY, NOW + 401 * DAY, (str(new),))
    with pytest.raises(PublishFailed, match=f"^{new.name} is the only key that keys.json lists; rotate it instead"):
        renew_keys(house, root_key, folder / "root.key", silent, without=new.name)
    with pytest.raises(PublishFailed, match=f"^keys.json lists no key {old.name}; name one of {new.name}$"):
        renew_keys(house, root_key, folder / "root.key", silent, without=old.name)


def test_the_list_is_signed_where_the_root_key_is(house: House, root_key: str) -> None:
    """By Debian's minisign, on a computer without network."""
    said = renew_keys(house, root_key, None, silent)
    assert said == (
        "content/keys.json waits for the root key: where that is, run `minisign -S -l -s root.key -m keys.json`, "
        "and bring back keys.json.minisig beside it.\nNow publish."
    )
    with pytest.raises(PublishFailed, match=r"^content/keys.json.minisig cannot be read; make it with the root key"):
        load_keys(house, root_key)
    command = ["minisign", "-S", "-l", "-s", str(house.project.parent / "keys" / "root.key"), "-m", KEYS]
    subprocess.run(command, cwd=house.content, check=True, capture_output=True)
    assert load_keys(house, root_key)[2].version == 2


def test_a_list_that_readers_would_not_believe_is_told_before_it_is_published(house: House, root_key: str) -> None:
    cases = [
        (replace(house, site="https://other.example"), root_key, "is that of https://news.example, not of https://oth"),
        (replace(house, now=NOW + 400 * DAY), root_key, "has expired; sign it anew with the root key: `tasks.py keys "),
        (house, str(key(9).public), f"is not signed by the root key {key(9).public.name}; sign it with that key, or c"),
        (house, "RW", r"NEWSROOM\['root_key'\]: it is no public key of minisign: a line is not the base64 of 42 byte"),
    ]
    for where, root, sentence in cases:
        with pytest.raises(PublishFailed, match=sentence):
            load_keys(where, root)


def test_the_keys_are_described(house: House, root_key: str) -> None:
    release = parse_public_key((house.project.parent / "keys" / "release.pub").read_text())
    assert describe_keys(house, root_key).splitlines() == [
        f"root key {parse_public_key(root_key).name}: {root_key}",
        f"release key {release.name}: {release}",
        "keys.json 1, 400 days left",
    ]


def test_the_command_makes_tells_renews_and_rotates(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    folder = house.project.parent / "keys"
    assert keys_command(house, "", silent, make=str(folder)) == 0
    root_key = str(parse_public_key((folder / "root.pub").read_text()))
    root = str(folder / "root.key")
    assert keys_command(house, root_key, silent) == 0
    assert keys_command(house, root_key, silent, renew=True, root=root) == 0
    assert keys_command(house, root_key, silent, rotate=str(folder), root=root, keep=True) == 0
    name = parse_public_key((folder / "release.pub").read_text()).name
    assert keys_command(house, root_key, silent, without=name, root=root) == 0
    assert listed(house).version == 4
    capsys.readouterr()
    assert keys_command(house, root_key, silent, make=str(folder)) == 1
    assert capsys.readouterr().err == (
        "content/keys.json is there: this newsroom has keys; rotate them: `tasks.py keys --rotate FOLDER`\n"
    )


def test_a_wrong_root_key_signs_nothing(house: House, root_key: str) -> None:
    before = (house.content / KEYS).read_bytes()
    folder = house.project.parent / "keys"
    with pytest.raises(
        PublishFailed, match=r"^.*release.key is the key .*, and NEWSROOM\['root_key'\] is .*; name that$"
    ):
        renew_keys(house, root_key, folder / "release.key", silent)
    assert (house.content / KEYS).read_bytes() == before


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "release.key"
    path.write_text(minisign.secret_key_file(key(1), ""))
    path.chmod(mode)
    with pytest.raises(
        PublishFailed, match=r"others may read this secret key; `chmod 600` it, and rotate it if others did$"
    ):
        read_secret_key(path, lambda: "")


def test_a_key_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(
        PublishFailed, match=r"the secret key cannot be read \(No such file or directory\); name its file$"
    ):
        read_secret_key(tmp_path / "none.key", lambda: "")
    (tmp_path / "other.key").write_bytes(b"\xff")
    os.chmod(tmp_path / "other.key", 0o600)
    with pytest.raises(PublishFailed, match=r"the secret key cannot be read \(it is no text\); name its file$"):
        read_secret_key(tmp_path / "other.key", lambda: "")


def test_a_signature_made_elsewhere_is_taken_only_if_readers_will_believe_it(tmp_path: Path) -> None:
    (tmp_path / "its.key").write_text(minisign.secret_key_file(key(1), ""))
    (tmp_path / "release.json").write_bytes(b"news")

    def signed(*options: str) -> bytes:
        command = ["minisign", "-S", *options, "-s", "its.key", "-m", "release.json"]
        subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
        return (tmp_path / "release.json.minisig").read_bytes()

    check_release(b"news", signed("-l"), LIST)
    refused: list[tuple[bytes, bytes, str]] = [
        (b"olds", signed("-l"), "release.json.minisig is not the signature of this release.json; sign it with the key"),
        (b"news", signed(), "release.json.minisig is prehashed, which readers' browsers cannot check; sign again with"),
        (b"news", minisign.sign(b"news", key(3), ""), "release.json is signed by the key 0303030303030303, and keys.j"),
        (b"news", b"", "release.json.minisig: it is no signature of minisign, which has four lines, two of them comme"),
    ]
    for manifest, signature, sentence in refused:
        with pytest.raises(ValueError, match=f"^{sentence}"):
            check_release(manifest, signature, LIST)


def test_what_the_key_signed_is_only_its_own(tmp_path: Path) -> None:
    path = tmp_path / "release.key"
    path.write_text(minisign.secret_key_file(key(1), ""))
    path.chmod(0o600)
    made: Callable[[], bytes] = lambda: sign_release(b"news", path, lambda: "", "release 7")  # noqa: E731
    assert made() == made()
    assert parse_signature(made()).comment == "release 7"
    assert parse_secret_key(path.read_text(), lambda: "") == key(1)
