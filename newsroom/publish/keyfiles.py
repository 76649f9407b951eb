"""The files of the keys: secret ones outside the project's folder, the signed list of release keys in content/."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from newsroom.files import write_atomic
from newsroom.publish import minisign
from newsroom.publish.keys import KEYS, KEYS_SIGNATURE, Keys, decode_keys, encode_keys, next_keys
from newsroom.publish.minisign import PublicKey, SecretKey
from newsroom.publish.targets.base import PublishFailed

DAYS = 400  # that a list of keys is believed: a ceremony a year, and a month to be late with it
Ask = Callable[[str], str]  # asks a human for what the sentence names, without showing it


@dataclass(frozen=True)
class House:
    """Where a newsroom's keys belong: the project's folder, which holds no secret, its content folder, and its site."""

    project: Path
    content: Path
    site: str  # SITEURL
    now: int


def sign_release(manifest: bytes, secret_key: Path, passphrase: Callable[[], str], comment: str) -> bytes:
    """The signature of a manifest by the key of a file. Raises PublishFailed where the key cannot be used."""
    return minisign.sign(manifest, read_secret_key(secret_key, passphrase), comment)


def read_secret_key(path: Path, passphrase: Callable[[], str]) -> SecretKey:
    """The secret key of a file that nobody else can read. Raises PublishFailed."""
    try:
        shared = os.name == "posix" and path.stat().st_mode & 0o077
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise PublishFailed(f"{path}: the secret key cannot be read ({reason}); name its file") from None
    if shared:
        raise PublishFailed(f"{path}: others may read this secret key; `chmod 600` it, and rotate it if others did")
    try:
        return minisign.parse_secret_key(text, passphrase)
    except ValueError as error:
        raise PublishFailed(f"{path}: {error}; give the file of a secret key, and its passphrase") from None


def refuse_inside(path: Path, project: Path) -> None:
    """Raise PublishFailed for a secret in the project's folder, from which it would be shared sooner or later."""
    if path.resolve().is_relative_to(project.resolve()):
        raise PublishFailed(f"{path}: secret keys never lie in the project's folder; name one outside of it")


def load_keys(house: House, root_key: str) -> tuple[bytes, bytes, Keys]:
    """The list in the content folder, its signature, and what it says, if readers will believe it. Raises
    PublishFailed."""
    where = f"{house.content.name}/{KEYS}"
    data, signature, keys = _listed(house, _root(root_key))
    if keys.site != house.site:
        raise PublishFailed(
            f"{where} is that of {keys.site}, not of {house.site}; sign it anew: `tasks.py keys --renew`"
        )
    if keys.expires <= house.now:
        raise PublishFailed(f"{where} has expired; sign it anew with the root key: `tasks.py keys --renew`")
    return data, signature, keys


def make_keys(house: House, folder: Path, ask: Ask, days: int = DAYS) -> str:
    """Make a root key, a release key and the first list, in `folder` and the content folder; says what to do next.
    Raises PublishFailed."""
    refuse_inside(folder, house.project)
    if (house.content / KEYS).exists():
        where = f"{house.content.name}/{KEYS}"
        raise PublishFailed(f"{where} is there: this newsroom has keys; rotate them: `tasks.py keys --rotate FOLDER`")
    root, release = minisign.make_key(), minisign.make_key()
    _write_secret(folder, "root", root, _new_passphrase("root key", ask))
    _write_secret(folder, "release", release, _new_passphrase("release key", ask))
    _write_list(house, next_keys(None, house.site, [release.public], house.now, days), root)
    return (
        f"The keys lie in {folder}, and {house.content.name}/{KEYS} lists the release key.\n"
        f'Set in NEWSROOM: "root_key": "{root.public}", "signing_key": "{folder / "release.key"}"\n'
        f"Move {folder / 'root.key'} to two sticks that lie in safe places, and delete it here. Whoever loses it\n"
        "needs a new root key, which every reader must compare again.\n"
        f"Print the root key where readers find it without this site: {root.public}"
    )


def rotate_keys(
    house: House, root_key: str, root_file: Path | None, folder: Path, ask: Ask, keep: bool = False, days: int = DAYS
) -> str:
    """Make a new release key in `folder` and list it: alone, as after a theft, or with `keep` beside the old ones.
    Without the root key's file, the list waits for its signature. Raises PublishFailed."""
    refuse_inside(folder, house.project)
    before = _listed(house, _root(root_key))[2]
    root = _opened(root_file, _root(root_key), ask)
    release, name = minisign.make_key(), f"release.{before.version + 1}"
    _write_secret(folder, name, release, _new_passphrase("release key", ask))
    listed = [release.public, *(before.trusted.values() if keep else ())]
    said = _write_list(house, next_keys(before, house.site, listed, house.now, days), root)
    return f'{said}\nSet in NEWSROOM: "signing_key": "{folder / f"{name}.key"}", then publish.'


def renew_keys(
    house: House, root_key: str, root_file: Path | None, ask: Ask, without: str = "", days: int = DAYS
) -> str:
    """Sign the list anew, for another `days`, `without` the key of that name. Raises PublishFailed."""
    before = _listed(house, _root(root_key))[2]
    names = {key.name: key for key in before.trusted.values()}
    if without and names.pop(without, None) is None:
        raise PublishFailed(f"{KEYS} lists no key {without}; name one of {', '.join(names)}")
    if not names:
        raise PublishFailed(
            f"{without} is the only key that {KEYS} lists; rotate it instead: `tasks.py keys --rotate FOLDER`"
        )
    root = _opened(root_file, _root(root_key), ask)
    return f"{_write_list(house, next_keys(before, house.site, names.values(), house.now, days), root)}\nNow publish."


def describe_keys(house: House, root_key: str) -> str:
    """What readers know this newsroom by, in lines. Raises PublishFailed."""
    _, _, keys = load_keys(house, root_key)
    left = (keys.expires - house.now) // 86_400
    names = [f"release key {key.name}: {key}" for key in keys.trusted.values()]
    return "\n".join(
        [f"root key {_root(root_key).name}: {root_key}", *names, f"{KEYS} {keys.version}, {left} days left"]
    )


def keys_command(
    house: House,
    root_key: str,
    ask: Ask,
    make: str = "",
    rotate: str = "",
    renew: bool = False,
    root: str = "",
    keep: bool = False,
    without: str = "",
) -> int:
    """The command: make keys in a folder, rotate the release key into one, renew the list, or else tell the keys.
    Prints what was done or why not; answers the exit status."""
    root_file = Path(root).expanduser() if root else None
    try:
        if not (make or root_key):
            message = "this newsroom signs nothing, for NEWSROOM['root_key'] is empty"
            raise PublishFailed(f"{message}; make keys with `python3 tasks.py keys --make ~/newsroom-keys`")
        if make:
            said = make_keys(house, Path(make).expanduser(), ask)
        elif rotate:
            said = rotate_keys(house, root_key, root_file, Path(rotate).expanduser(), ask, keep)
        elif renew or without:
            said = renew_keys(house, root_key, root_file, ask, without)
        else:
            said = describe_keys(house, root_key)
    except PublishFailed as failed:
        print(failed, file=sys.stderr)
        return 1
    print(said)
    return 0


def _root(root_key: str) -> PublicKey:
    try:
        return minisign.parse_public_key(root_key)
    except ValueError as error:
        raise PublishFailed(f"NEWSROOM['root_key']: {error}; copy it from root.pub") from None


def _listed(house: House, root: PublicKey) -> tuple[bytes, bytes, Keys]:
    """The list, signed by the root key."""
    where = f"{house.content.name}/{KEYS}"
    found = []
    for name in (KEYS, KEYS_SIGNATURE):
        try:
            found.append((house.content / name).read_bytes())
        except OSError:
            message = f"{house.content.name}/{name} cannot be read"
            raise PublishFailed(f"{message}; make it with the root key: `tasks.py keys --make FOLDER`") from None
    data, signature = found
    try:
        keys = decode_keys(data)
        signed = minisign.holds(data, minisign.parse_signature(signature), root)
    except ValueError as error:
        raise PublishFailed(f"{where}: {error}; restore the last one") from None
    if not signed:
        message = f"{where} is not signed by the root key {root.name}"
        raise PublishFailed(f"{message}; sign it with that key, or correct NEWSROOM['root_key']")
    return data, signature, keys


def _opened(root_file: Path | None, root: PublicKey, ask: Ask) -> SecretKey | None:
    if root_file is None:
        return None
    key = read_secret_key(root_file, lambda: ask("Passphrase of the root key: "))
    if key.public != root:
        raise PublishFailed(
            f"{root_file} is the key {key.public.name}, and NEWSROOM['root_key'] is {root.name}; name that"
        )
    return key


def _new_passphrase(what: str, ask: Ask) -> str:
    first = ask(f"New passphrase of the {what} (nothing: anybody who has the file can use it): ")
    if first and ask("Once more: ") != first:
        raise PublishFailed(f"the two passphrases of the {what} differ; begin again")
    return first


def _write_secret(folder: Path, name: str, key: SecretKey, passphrase: str) -> None:
    """Write a pair of files as minisign does, over none that is there."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = os.open(folder / f"{name}.key", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(file, "w", encoding="utf-8") as out:
            out.write(minisign.secret_key_file(key, passphrase))
        write_atomic(folder / f"{name}.pub", key.public.file.encode())
    except FileExistsError:
        raise PublishFailed(f"{folder / name}.key is there, and is not written over; name another folder") from None
    except OSError as error:
        raise PublishFailed(f"{folder}: the key cannot be written ({error.strerror}); name another folder") from None


def _write_list(house: House, keys: Keys, root: SecretKey | None) -> str:
    """Write the list with its signature, or without where the root key is elsewhere; says what is left to do."""
    where = house.content / KEYS
    data = encode_keys(keys)
    (house.content / KEYS_SIGNATURE).unlink(missing_ok=True)
    write_atomic(where, data)
    name = f"{house.content.name}/{KEYS}"
    if root is None:
        command = f"minisign -S -l -s root.key -m {KEYS}"
        return (
            f"{name} waits for the root key: where that is, run `{command}`, and bring back {KEYS_SIGNATURE} beside it."
        )
    comment = f"{KEYS} {keys.version} of {keys.site}"
    write_atomic(house.content / KEYS_SIGNATURE, minisign.sign(data, root, comment))
    return f"{name} {keys.version} lists {_names(keys.trusted.values())}."


def _names(keys: Iterable[PublicKey]) -> str:
    return ", ".join(key.name for key in keys)
