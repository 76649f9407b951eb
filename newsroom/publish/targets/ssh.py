"""A host that is reached by ssh, in the layout of Capistrano: `releases/N` and the symbolic link `current` to one of
them, which is the root of the web server. Readers get a release whole, by one rename.

A step at the host holds the lock `.step` while it works, and first reads in `.lock` whether its publisher still
publishes there: what a killed one had begun ends before another begins, and what it had not begun never does.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress

from newsroom.publish.headers import Kind, kind
from newsroom.publish.manifest import MANIFEST, File, Manifest, changes, decode
from newsroom.publish.targets.base import Limits, Progress, PublishFailed, Release
from newsroom.publish.targets.remote import Shell, parse_address

KEPT = 5  # releases that stay at the host
QUIET = 60  # seconds without a sign of life after which a publisher is taken for dead
_ABSENT = 44

# Scripts of one line, for csh quotes no others. $1 is the folder, $2 the name of the publisher's session.
_LOCK = (
    "umask 022; "
    'for each in flock rsync timeout; do command -v "$each" >/dev/null || { echo "$each"; exit 71; }; done; '
    'mkdir -p -- "$1" && cd -- "$1" || exit; '
    "found=$(ls -A | grep -v -x -e .lock -e .step | head -n 1); "
    '[ -d releases ] || [ -z "$found" ] || { echo "$found"; exit 73; }; '
    '[ -L current ] || [ -z "$(ls -d current 2>/dev/null)" ] || { echo current; exit 73; }; '
    "mkdir -p releases && exec 9>>.lock 8>>.step || exit; "
    "flock -n 9 || exit 75; "
    "n=0; until flock -n 8; do n=$((n + 1)); [ $n -lt 300 ] || exit 75; sleep 0.1 2>/dev/null || sleep 1; done; "
    'echo "$2" >.lock && exec 8>&- && echo "held $2" || exit; '
    'while [ -n "$(timeout "$3" head -c 1 9>&-)" ]; do :; done'  # as long as signs of life come
)
_STEP = (
    'umask 022; cd -- "$1" && exec 8>>.step && flock 8 || exit; '
    'read -r holder <.lock; [ "$holder" = "$2" ] || exit 75; shift 2; '
)
_BEGIN = _STEP + (
    "cd releases || exit; rm -rf .*.gone; "
    'for each in .*.partial; do if [ "$each" = ".$1.partial" ] || [ "$each" = ".*.partial" ]; then :; '
    'elif [ -d ".$1.partial" ]; then rm -rf "$each"; else mv "$each" ".$1.partial"; fi; done'
)
_INSIDE = _STEP + 'mkdir -p "releases/.$1.partial" && cd "releases/.$1.partial" || exit; shift'
_SWITCH = _STEP + (
    "cd releases || exit; "
    # Without sync, a power cut could leave empty files behind a link that is there.
    '[ -d "$1" ] || { sync -f . 2>/dev/null || sync; mv ".$1.partial" "$1"; } || exit; '
    'cd .. && rm -f .current && ln -s "releases/$1" .current || exit; '
    # GNU's and busybox's mv, BSD's, and what most hosts have: each renames, and does not follow the old link.
    "mv -fT .current current 2>/dev/null || mv -fh .current current 2>/dev/null || "
    'perl -e \'exit not rename ".current", "current"\' || exit 74; '
    'shift; cd releases; for each in "$@"; do mv "$each" ".$each.gone"; done; rm -rf .*.gone'
)
_KEEP = _STEP + (
    'live=$1; cd "releases/$2" || exit; shift 2; for each in "$@"; do mkdir -p "$(dirname "./$each")"; '
    '[ -e "$each" ] || ln "../$live/$each" "$each" || exit; done'
)
_READ = '[ -e "$1" ] || exit 44; cd -- "$1" || exit; [ -e "$2" ] || exit 44; exec cat "./$2"'
_LIST = '[ -e "$1" ] || exit 0; cd -- "$1" || exit; [ -d releases ] || exit 0; ls releases; readlink current || :'
_PACKAGES = {"flock": "util-linux", "rsync": "rsync", "timeout": "coreutils"}

_SEND = (
    "--recursive",
    "--times",
    "--omit-dir-times",
    "--perms",
    "--chmod=D755,F644",
    "--delete",
    "--itemize-changes",
    "--compress",
    "--timeout=60",
)


class SshTarget:
    """A host at `ssh://[user@]host[:port]/path` or rsync's `user@host:/path`. Raises PublishFailed for another."""

    def __init__(self, address: str) -> None:
        found = parse_address(address)
        if not found:
            raise PublishFailed(f"{address!r} is no address of a host; write it as 'ssh://user@host/path'")
        self.name = address
        self.limits = Limits()
        self._path = found.path if found.path.startswith("/") else f"./{found.path}"
        self._shell = Shell(found)
        self._holder = ""

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Keep other publishers away, as long as this process and its connection live: without a sign of life for
        QUIET seconds the host lets others in. Makes the layout where nothing is."""
        if missing := next((each for each in (self._shell.program, "rsync") if not shutil.which(each)), ""):
            raise PublishFailed(f"{self.name}: {missing} is not installed on this computer; install it")
        holder = secrets.token_hex(8)
        with self._shell.held(_LOCK, self._path, holder, str(QUIET), until=f"held {holder}") as answer:
            self._done(*answer)
            self._holder = holder
            try:
                yield
            finally:
                self._holder = ""

    def read(self, name: str) -> bytes | None:
        """A file of the release that readers get."""
        return self._read(f"current/{name}")

    def releases(self) -> list[int]:
        """The numbers of all releases at the host, in order. The highest was the last one, whatever a rollback went to:
        the next release must count on from it, for readers who check have seen it."""
        return self._list()[0]

    def put(self, release: Release, before: Manifest | None, progress: Progress) -> str:
        """Put the release into a folder of its own, in which unchanged files are the same as the live release's by hard
        links; compare every byte, and switch to it. What a killed publisher left of any release is used."""
        version, sent = release.manifest.version, 0
        there, live = self._list()
        if version in there:
            self._check_same(release, there)
        else:
            self._run(_BEGIN, self._path, self._holder, str(version))
            sent = self._send(release, before, live, progress)
        self._switch(version, {*there, version}, live, release.manifest.floor)
        return f"release {version} is live, {sent} files sent"

    def rollback(self, to: int | None = None) -> str:
        """Give readers the release before the live one, or the one named, by one rename; answers a line that says so.

        That release's manifest is older than what readers who check have seen, and they are told: publish a new one
        soon. It must count on from the highest of `releases()`; `put` refuses a number that is taken."""
        with nullcontext() if self._holder else self.lock():
            there, live = self._list()
            earlier = [each for each in there if each < live]
            if to is None and not earlier:
                raise PublishFailed(f"{self.name}: there is no release before {live}; publish a new one")
            to = earlier[-1] if to is None else to
            if to not in there:
                known = ", ".join(map(str, there)) or "none"
                raise PublishFailed(f"{self.name}: release {to} is not there; name one that is: {known}")
            if to == live:
                return f"release {to} is live already"
            self._keep_parts(live, to)
            self._switch(to, set(), live)
        return f"release {to} is live, {live} was before"

    def _send(self, release: Release, before: Manifest | None, live: int, progress: Progress) -> int:
        """Copy what differs and compare all; answers how many files were sent."""
        changed, sent = changes(release.manifest, before), 0
        total = len(changed.new) + len(changed.changed) + len(release.proofs)

        def said(line: str) -> None:
            nonlocal sent
            sent += line.startswith("<f")
            progress(f"sending to {self.name}", min(sent, total), total)

        self._rsync(release, said, "--partial", *([f"--link-dest=../{live}"] if live else []))
        if self._different(release):
            # Of the right size and time, and wrong: written anew, they are no longer the live release's files.
            self._rsync(release, said, "--ignore-times")
            if found := self._different(release):
                raise PublishFailed(
                    f"{self.name}: {found[0]} is there with other bytes than were sent; look after that host's disk, "
                    "and publish again"
                )
        progress(f"sending to {self.name}", total, total)
        return sent

    def _different(self, release: Release) -> list[str]:
        """The files of the partial release whose bytes, times or permissions are not those that were sent."""
        found: list[str] = []
        self._rsync(release, found.append, "--checksum", "--dry-run")
        return [line.partition(" ")[2].strip() for line in found]

    def _rsync(self, release: Release, said: Callable[[str], None], *options: str) -> None:
        arguments = (self._path, self._holder, str(release.manifest.version))
        status, complaint = self._shell.rsync(_INSIDE, arguments, (*_SEND, *options, f"{release.folder}/"), said)
        if status:
            raise PublishFailed(
                f"{self.name}: rsync failed ({complaint}); mend that and publish again, what has come there is kept"
            )

    def _switch(self, version: int, there: set[int], live: int, floor: int = 0) -> None:
        """Make a release the one that readers get; of `there` the last ones stay, and the one that was live, but none
        below `floor`."""
        kept = {*sorted(there)[-KEPT:], version, live}
        old = {each for each in there if each not in kept or each < floor}
        self._run(_SWITCH, self._path, self._holder, str(version), *map(str, sorted(old)))

    def _keep_parts(self, live: int, to: int) -> None:
        """Pages of the live release that are open may still ask for its style sheets and scripts: the other release,
        which may be too old to know them, gets them by hard links."""
        pages, others = self._manifest(live), self._manifest(to)
        names = sorted(name for name in pages.keys() - others.keys() if kind(name) is Kind.HASHED)
        if names:
            self._run(_KEEP, self._path, self._holder, str(live), str(to), *names)

    def _manifest(self, version: int) -> Mapping[str, File]:
        """The files of a release at the host, as far as it says."""
        with suppress(ValueError):
            return decode(self._read(f"releases/{version}/{MANIFEST}") or b"").files
        return {}

    def _check_same(self, release: Release, there: list[int]) -> None:
        """A release that came there whole is not put again, and no other is put in its place: readers know it."""
        version = release.manifest.version
        if self._read(f"releases/{version}/{MANIFEST}") != (release.folder / MANIFEST).read_bytes():
            raise PublishFailed(f"{self.name}: another release {version} is there; publish one after {there[-1]}")

    def _list(self) -> tuple[list[int], int]:
        """The releases at the host, and the live one, 0 if none is."""
        lines = self._run(_LIST, self._path).decode(errors="replace").split()
        there = sorted(int(line) for line in lines if line.isdecimal())
        live = lines[-1].removeprefix("releases/") if lines else ""
        return there, int(live) if live.isdecimal() and lines[-1] != live and int(live) in there else 0

    def _read(self, name: str) -> bytes | None:
        status, printed, complaint = self._shell.run(_READ, self._path, name)
        if status == _ABSENT:
            return None
        return self._done(status, printed, complaint)

    def _run(self, script: str, *arguments: str) -> bytes:
        return self._done(*self._shell.run(script, *arguments))

    def _done(self, status: int, printed: bytes, complaint: str) -> bytes:
        """What a script printed. Raises PublishFailed where it failed."""
        if not status:
            return printed
        word = printed.decode(errors="replace").strip()
        raise PublishFailed(f"{self.name}: " + _sentence(status, word, complaint))


def _sentence(status: int, word: str, complaint: str) -> str:
    """Why a script failed."""
    if status == 255:  # ssh's own
        return f"the host cannot be reached ({complaint}); mend that and publish again"
    if status == 71:
        return f"the host has no {word}; install its package {_PACKAGES.get(word, word)} there"
    if status == 73:
        return (
            f"something else than releases is there ({word!r}); name a folder that is empty or not there yet, "
            "and make its 'current' the root of the web server"
        )
    if status == 74:
        return "no program at the host can rename a symbolic link onto another; install coreutils or perl there"
    if status == 75:
        return "somebody else publishes there; wait until that is done and publish again"
    return f"the host could not do it ({complaint}); mend that and publish again"
