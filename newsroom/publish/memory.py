"""What was verified on this computer, so that older releases are told from newer ones: a file of the user's own."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

import msgspec

from newsroom.files import write_atomic
from newsroom.publish.minisign import PublicKey
from newsroom.publish.trust import Seen

_Kept = dict[str, dict[str, Seen]]  # root key → site → the newest that was seen


def place(environment: Mapping[str, str] = os.environ) -> Path:
    """The file, in the user's folder for what programs remember (XDG base directories)."""
    home = environment.get("XDG_STATE_HOME") or environment.get("LOCALAPPDATA") or "~/.local/state"
    return Path(home).expanduser() / "newsroom" / "seen.json"


def recall(path: Path, root: PublicKey) -> dict[str, Seen]:
    """By site what was seen with this root key."""
    return _kept(path).get(str(root), {})


def remember(path: Path, root: PublicKey, site: str, seen: Seen) -> None:
    """Keep what was seen; says so where that cannot be, because older releases cannot be told then."""
    kept = _kept(path)
    if kept.get(str(root), {}).get(site) == seen:
        return
    kept.setdefault(str(root), {})[site] = seen
    try:
        write_atomic(path, msgspec.json.format(msgspec.json.encode(kept, order="sorted")) + b"\n")
    except OSError as error:
        print(
            f"{path} cannot be written ({error.strerror}): older releases are not told from this one", file=sys.stderr
        )


def _kept(path: Path) -> _Kept:
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Kept)
    except FileNotFoundError:
        return {}
    except (OSError, msgspec.MsgspecError) as error:
        print(f"{path} cannot be read ({error}): what was verified before is forgotten", file=sys.stderr)
        return {}
