"""Verifying a copy of the site: on the web, in a folder, in a zip. Whoever runs it needs the root key, and believes
nothing else."""

from __future__ import annotations

import hashlib
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from newsroom.files import digest
from newsroom.publish import memory, minisign
from newsroom.publish.copies import Absent, Copy, Elsewhere, FolderCopy, Unreachable, ZipCopy
from newsroom.publish.faults import Fault, Kind, of_files
from newsroom.publish.keys import KEYS, KEYS_SIGNATURE
from newsroom.publish.keys import LARGEST as LARGEST_KEYS
from newsroom.publish.manifest import LARGEST, MANIFEST, PREVIOUS, PROOFS, SIGNATURE, File, Manifest, decode
from newsroom.publish.minisign import PublicKey
from newsroom.publish.targets.base import Progress
from newsroom.publish.trust import Proofs, Seen, Verdict, is_fatal, judge
from newsroom.publish.webcopy import WebCopy

_AT_ONCE = 8  # files that are fetched at the same time
_HOSTS_OWN = {"_headers", "_redirects"}  # what hosts read, and do not serve


@dataclass
class Report:
    """What was found about a copy."""

    source: str
    root: PublicKey | None
    verdict: Verdict = field(default_factory=lambda: Verdict(()))
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    checked: int = 0  # files
    size: int = 0  # bytes of them

    @property
    def status(self) -> int:
        """The exit status: 0 where nothing is wrong."""
        return 1 if self.faults else 0

    def text(self) -> str:
        """The report as it is printed."""
        lines = [line for fault in self.faults for line in fault.lines()]
        return "\n".join([*lines, *(f"Note: {note}" for note in self.notes), self._summary()])

    def _summary(self) -> str:
        manifest = self.verdict.manifest
        if manifest is None:
            return f"{self.source}: not verified."
        what = f"release {manifest.version} of {manifest.site}, {self.checked} files, {self.size:,} bytes"
        if self.faults:
            return f"{self.source}: {what}: do not rely on it."
        if self.root is None:
            return f"{self.source}: {what}: whole, but nobody vouches for it; give the newsroom's root key with --key."
        return f"{self.source}: {what}: whole, and signed by the newsroom whose root key is {self.root}."


def open_copy(source: str) -> Copy:
    """The copy at a web address, in a folder or in a zip. Raises Unreachable."""
    if "://" in source:
        return WebCopy(source)
    path = Path(source)
    if path.is_dir():
        return FolderCopy(path)
    if path.is_file():
        return ZipCopy(path)
    raise Unreachable(f"{source!r} is no folder, no zip and no web address; name one")


def verify(
    copy: Copy,
    root: PublicKey | None,
    now: int,
    seen: Mapping[str, Seen],
    progress: Progress = lambda stage, done, total: None,
    site: str = "",
) -> Report:
    """Verify a copy by the root key; without one, only whether it is what its own manifest says. `seen` is by site what
    was remembered with this key; the report's verdict says what to remember now. `site` is the one that should be
    there, if it is known."""
    report = Report(copy.name, root)
    try:
        proofs = _proofs(copy)
    except (Unreachable, Elsewhere) as error:
        report.faults.append(_unreachable(error))
        return report
    report.verdict = judge(proofs, root, now, seen.get(_site(proofs), Seen()), site)
    report.faults += report.verdict.faults
    manifest = report.verdict.manifest
    if isinstance(copy, ZipCopy) and not copy.is_signed:
        report.notes.append(
            f"a zip that readers download holds no {MANIFEST}; if this is one, its SHA-256, {copy.sha256()}, must be "
            f"the one that {MANIFEST} names at an address that you verified."
        )
    if manifest is None or is_fatal(report.verdict):
        return report
    report.faults += _Files(copy, manifest, report).faults(progress)
    report.notes += _notes(copy, manifest, proofs, root, bool(report.faults))
    return report


def _site(proofs: Proofs) -> str:
    """The site that a manifest says it is of; only to look up what is remembered."""
    try:
        return decode(proofs.manifest or b"").site
    except ValueError:
        return ""


def _proofs(copy: Copy) -> Proofs:
    limits = (
        (KEYS, LARGEST_KEYS),
        (KEYS_SIGNATURE, minisign.LARGEST),
        (MANIFEST, LARGEST),
        (SIGNATURE, minisign.LARGEST),
    )
    return Proofs(*(_read(copy, name, limit + 1) for name, limit in limits))


def _read(copy: Copy, name: str, limit: int) -> bytes | None:
    try:
        return b"".join(copy.chunks(name, limit))
    except Absent:
        return None


def _unreachable(error: Exception) -> Fault:
    if isinstance(error, Elsewhere):
        message = f"the address leads to {error}, which is another host: nothing was fetched from there"
        return Fault(Kind.ELSEWHERE, f"{message}; verify that address itself if you know it to be the newsroom's")
    return Fault(Kind.UNREACHABLE, f"the copy cannot be read ({error}); try again, or use another address")


class _Files:
    """Checks a copy's files by its manifest, `before` being those of the release before."""

    def __init__(self, copy: Copy, manifest: Manifest, report: Report) -> None:
        self._copy, self._manifest, self._report = copy, manifest, report
        self._before = _before(copy, manifest)
        self._found: dict[Kind, list[str]] = defaultdict(list)

    def faults(self, progress: Progress) -> list[Fault]:
        """All faults of files, the kinds in their order."""
        names = self._copy.names()
        files = {
            name: file for name, file in self._manifest.files.items() if names is not None or name not in _HOSTS_OWN
        }
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            jobs = {
                pool.submit(_compare, self._copy, name, files[name], self._before.get(name)): name for name in files
            }
            try:
                for done, job in enumerate(as_completed(jobs), 1):
                    self._count(jobs[job], job.result())
                    progress("Verifying", done, len(files))
            except BaseException:  # Ctrl-C: what is not begun is not done
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        if names is not None:
            known = {*files, *PROOFS}
            self._found[Kind.EXTRA] = [name for name, count in names.items() if name not in known or count > 1]
        return [of_files(kind, self._found[kind]) for kind in Kind if self._found[kind]]

    def _count(self, name: str, kind: Kind | None) -> None:
        if kind:
            self._found[kind].append(name)
        else:
            self._report.checked += 1
            self._report.size += self._manifest.files[name].size


def _before(copy: Copy, manifest: Manifest) -> Mapping[str, File]:
    """The files of the release before, if the copy still tells them as this release signed them."""
    file = manifest.files.get(PREVIOUS)
    if file is None:
        return {}
    try:
        data = _read(copy, PREVIOUS, file.size + 1) or b""
        return decode(data).files if digest(data) == file.sha256 else {}
    except (ValueError, Unreachable, Elsewhere):
        return {}


def _compare(copy: Copy, name: str, file: File, before: File | None) -> Kind | None:
    """What is wrong with a file; None if nothing is. No more of it is read than one byte beyond what it may have."""
    made, size, absent = hashlib.sha256(), 0, False
    try:
        for chunk in copy.chunks(name, max(file.size, before.size if before else 0) + 1):
            made.update(chunk)
            size += len(chunk)
    except Absent:
        absent = True
    except Elsewhere:
        return Kind.ELSEWHERE
    except Unreachable:
        return Kind.UNREACHABLE
    found = size, made.hexdigest()
    if found == (file.size, file.sha256):
        return None
    if before and found == (before.size, before.sha256):
        return Kind.MIXED
    return Kind.MISSING if absent else Kind.TAMPERED


def _notes(copy: Copy, manifest: Manifest, proofs: Proofs, root: PublicKey | None, faulty: bool) -> Iterator[str]:
    """What is no fault, and good to know."""
    if root is None and proofs.signature is not None:
        yield "the release is signed; --key, with the newsroom's root key, says whether by the newsroom."
    if copy.names() is not None:
        return
    yield "whether the host has other files, which are not the newsroom's, cannot be seen from outside."
    listed = {address.rstrip("/") for address in (manifest.site, *manifest.mirrors)}
    if root and copy.name.rstrip("/") not in listed:
        yield f"{copy.name} is not among the addresses that the newsroom lists: {', '.join(sorted(listed))}."
    try:
        if faulty and _read(copy, MANIFEST, LARGEST + 1) != proofs.manifest:
            yield "the site was published while it was verified; verify again."
    except (Unreachable, Elsewhere):
        pass


def verify_source(source: str, key: str, root_key: str, site: str, now: int, progress: Progress) -> int:
    """The command: verify by `key`, else by the project's own root key and as the project's site; print what was found,
    remember what was seen, answer the exit status."""
    try:
        root = minisign.parse_public_key(key or root_key) if key or root_key else None
    except ValueError as error:
        print(f"--key {key or root_key!r}: {error}; copy it from where the newsroom prints it", file=sys.stderr)
        return 1
    try:
        copy = open_copy(source)
    except Unreachable as error:
        print(error, file=sys.stderr)
        return 1
    seen = memory.recall(memory.place(), root) if root else {}
    with closing(copy):
        report = verify(copy, root, now, seen, progress, "" if key else site)
    if root and report.verdict.manifest:
        memory.remember(memory.place(), root, report.verdict.manifest.site, report.verdict.seen)
    print(report.text())
    return report.status
