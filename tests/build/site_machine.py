"""The oracle: a small site to which anything may happen, in any order. After every step the site is built upon what
earlier builds left, and from nothing; both leave the same bytes, or both name the same problems."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import tempfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

from hypothesis import currently_in_test_context, note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.build import theme_edits
from tests.build.builders import Builder, Outcome
from tests.build.damage import DAMAGES, LEDGER, STRANGE
from tests.build.edits import EDITS
from tests.build.small_site import MOMENTS, make_site
from tests.support import difference, modes, times, tree

KEPT = 8  # good states of the sources that may come back
PATIENCE = 2  # builds that fail before somebody mends the site
_MAINTENANCE = {name for name, each in EDITS.items() if each.__module__ == theme_edits.__name__}
_FEW = {"article_field", "place", "text", "author_field", "page_field"}
_number = st.integers(0, 9999)
Sources = dict[str, bytes | str]  # file → its bytes, or where it links to


@cache
def builder(name: str) -> Builder:
    """One builder for each purpose, for the whole run."""
    made = Builder()
    atexit.register(made.close)
    return made


def some(names: set[str]) -> st.SearchStrategy[tuple[str, int, int]]:
    return st.tuples(st.sampled_from(sorted(names)), _number, _number)


class SiteMachine(RuleBasedStateMachine):
    """Subclasses may leave edits and damages out, by name, and take the project's theme."""

    plain: ClassVar[bool] = True
    without: ClassVar[frozenset[str]] = frozenset()
    steps: ClassVar[int] = 0  # of all machines
    broken: ClassVar[int] = 0  # those at which a clean build failed

    @initialize(start=st.integers(0, 30))
    def begin(self, start: int) -> None:
        """Hypothesis tries the simplest sequence of all first; in that one nothing happens."""
        self.awake = start > 0
        self.folder = Path(tempfile.mkdtemp(prefix="oracle-"))
        self.site, self.story = self.folder / "site", ["a new site"]
        self.how: dict[str, Any] = {"kind": "build", "umask": 0o022, "NEWSROOM_WORKERS": 1 + start % 2}
        self.session: dict[str, Any] | None = None
        self.again, self.hurt, self.failures = True, False, 0
        self.history: list[Sources] = []
        if self.awake:
            make_site(self.site, plain=self.plain, plugin=start % 4 == 1)
            self.how["SOURCE_DATE_EPOCH"] = MOMENTS[0]

    @rule(edit=some(_FEW))
    def write(self, edit: tuple[str, int, int]) -> None:
        self._happen([edit])

    @rule(edit=some(EDITS.keys() - _FEW - _MAINTENANCE))
    def arrange(self, edit: tuple[str, int, int]) -> None:
        self._happen([edit])

    @rule(edit=some(_MAINTENANCE))
    def maintain(self, edit: tuple[str, int, int]) -> None:
        self._happen([edit])

    @rule(edits=st.lists(some(set(EDITS)), min_size=2, max_size=5))
    def change_much(self, edits: list[tuple[str, int, int]]) -> None:
        self._happen(edits)

    @rule(damage=some(set(DAMAGES)))
    def damage(self, damage: tuple[str, int, int]) -> None:
        self._happen([damage])

    @rule(
        moment=st.sampled_from(MOMENTS),
        kind=st.sampled_from(["build", "build", "session", "session", "pelican", "process"]),
        workers=st.integers(1, 2),
        umask=st.sampled_from([0o022, 0o077, 0o002]),
        zone=st.sampled_from(["UTC", "Asia/Phnom_Penh", "Pacific/Honolulu"]),
        again=st.booleans(),
    )
    def change_circumstances(self, moment: int, kind: str, workers: int, umask: int, zone: str, again: bool) -> None:
        """Of builds from here on; `again`: those in one process are also followed by one that finds nothing to do."""
        if self.awake:
            self.how |= {"SOURCE_DATE_EPOCH": moment, "kind": kind, "NEWSROOM_WORKERS": workers}
            self.how |= {"umask": umask, "TZ": zone}
            self.again = again
            self.story.append(f"at {moment}, by {kind}, {workers} workers, umask {umask:o}, in {zone}")

    @rule(back=st.integers(1, KEPT), which=_number)
    def restore(self, back: int, which: int) -> None:
        """An old version of all sources, or of one."""
        if self.awake and len(self.history) > 1:
            old = self.history[-1 - back % len(self.history)]
            names = sorted(difference(old, self._sources()))
            chosen = names if which % 3 == 0 or not names else [names[which % len(names)]]
            self._write(old, chosen)
            self.story.append(f"restored: {', '.join(chosen)}")

    def _happen(self, happenings: list[tuple[str, int, int]]) -> None:
        if not self.awake:
            return
        if self.failures >= PATIENCE and self.history:
            self._write(self.history[-1], difference(self.history[-1], self._sources()))
            self.story.append("mended")
        for name, which, how in happenings:
            if name in self.without:
                continue
            self.hurt |= name in DAMAGES
            did = {**EDITS, **DAMAGES}[name](self.site, which, how)
            self.story.append(did or "nothing")

    def walk(self, edits: Iterable[tuple[str, int, int]], start: int = 1, **how: Any) -> None:
        """One edit after another, without Hypothesis."""
        self.begin(start)
        self.how |= how
        try:
            self.build_leaves_what_a_clean_build_would()
            for each in edits:
                self._happen([each])
                self.build_leaves_what_a_clean_build_would()
        except AssertionError as error:
            raise AssertionError("\n".join([*self.story, "", str(error)])) from None
        finally:
            self.teardown()

    @invariant()
    def build_leaves_what_a_clean_build_would(self) -> None:
        if not self.awake:
            return
        type(self).steps += 1
        before = tree(self.site / "output")
        clean = self.folder / "clean"
        shutil.rmtree(clean, ignore_errors=True)
        shared = {name: self.how[name] for name in ("SOURCE_DATE_EPOCH", "umask")}
        builder("reference").start(self.site, output=str(clean / "output"), cache=False, NEWSROOM_WORKERS=1, **shared)
        done = self._build()
        reference = builder("reference").wait()
        self._check(done, reference, before)
        self.hurt = False
        if reference.status == 0 and (self.again or self.how["kind"] != "session"):
            self._check_again()
        self.failures = 0 if reference.status == 0 else self.failures + 1
        type(self).broken += reference.status > 0
        if reference.status == 0 and (not self.history or self.history[-1] != (now := self._sources())):
            self.history = [*self.history, now if self.history else self._sources()][-KEPT:]

    def _build(self, anew: bool = False) -> Outcome:
        """As things are built at present; a session goes on while nothing has changed but content and theme."""
        if self.how["kind"] != "session":
            self._end_session()
            return builder("own").build(self.site, **self.how)
        settings = {**self.how, "settings": (self.site / "pelicanconf.py").read_bytes()}
        seen = {str(path): _seen(path) for path in self._files() if path.name != "pelicanconf.py"}
        if self.session and self.session["settings"] == settings:
            changed = None if anew or self.hurt else difference(self.session["seen"], seen)
            builder("session").ask({"changed": changed})
        else:
            self._end_session()
            builder("session").start(self.site, **self.how)
        self.session = {"settings": settings, "seen": seen}
        return builder("session").wait()

    def _end_session(self) -> None:
        if self.session:
            builder("session").ask({"over": True})
        self.session = None

    def _check(self, done: Outcome, reference: Outcome, before: dict[str, bytes]) -> None:
        assert done.status == reference.status, self._tell(done, reference)
        # Of settings that are no Python, Pelican's own command tells in its own words.
        if not (self.how["kind"] == "pelican" and any("pelicanconf.py" in each for each in reference.problems)):
            assert done.problems == reference.problems, self._tell(done, reference)
        after = tree(self.site / "output")
        if reference.status:
            late = {LEDGER: b""} if self.how["kind"] == "session" else {}  # it is written before the build that fails
            assert difference({**before, **late}, {**after, **late}) == [], self._tell(done, reference)
            return
        self._compare(after, done, reference)
        if self.how["kind"] == "pelican":
            return
        changed = set(_ours(difference(before, after))) - {LEDGER}
        told = {*done.written, *done.removed}
        assert self.hurt or told == changed, self._tell(done, sorted(told ^ changed))
        if self.how["kind"] != "session":
            assert done.notes == reference.notes, self._tell(done, reference)

    def _compare(self, after: dict[str, bytes], done: Outcome, reference: Outcome) -> None:
        clean = self.folder / "clean" / "output"
        own, wanted = {name: after[name] for name in _ours(after)}, tree(clean)
        if self.how["kind"] == "session":  # its ledger tells earlier digests of some files until the next whole build
            ledgers = [json.loads(files.pop(LEDGER)) for files in (own, wanted)]
            assert ledgers[0].keys() == ledgers[1].keys(), self._tell(done, LEDGER)
        assert difference(own, wanted) == [], self._tell(done, difference(own, wanted))
        held, expected = modes(self.site / "output"), modes(clean)
        for name in held:
            if STRANGE in name:
                expected |= {str(folder): held[str(folder)] for folder in Path(name).parents if folder.name}
        held = {name: held[name] for name in _ours(held)}
        assert difference(held, expected) == [], self._tell(done, difference(held, expected))

    def _check_again(self) -> None:
        before = {**times(self.site / "output"), LEDGER: 0}
        done = self._build(anew=True)
        nothing = (0, (), (), 0) if (self.site / ".cache" / "build.sqlite").is_file() else (0, (), (), done.rendered)
        assert (done.status, done.written, done.removed, done.rendered) == nothing, self._tell(done, "nothing")
        assert {**times(self.site / "output"), LEDGER: 0} == before, self._tell(done, "nothing")
        clean = self.folder / "clean" / "output"
        ledgers = [(folder / LEDGER).read_bytes() for folder in (self.site / "output", clean)]
        assert ledgers[0] == ledgers[1], self._tell(done, LEDGER)

    def _tell(self, done: Outcome, wanted: object) -> str:
        return f"{done.printed}\nwhere this was wanted:\n{getattr(wanted, 'printed', wanted)}"

    def _files(self) -> list[Path]:
        folders = [self.site / "content", self.site / "theme"]
        found = [path for folder in folders for path in folder.rglob("*") if path.is_symlink() or path.is_file()]
        return [*sorted(found), self.site / "pelicanconf.py"]

    def _sources(self) -> Sources:
        return {
            path.relative_to(self.site).as_posix(): os.readlink(path) if path.is_symlink() else path.read_bytes()
            for path in self._files()
        }

    def _write(self, sources: Sources, names: list[str]) -> None:
        """Make these files those of `sources`."""
        for name in names:
            path, data = self.site / name, sources.get(name)
            path.unlink(missing_ok=True)
            if data is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(data, str):
                path.symlink_to(data)
            elif data is not None:
                path.write_bytes(data)

    def teardown(self) -> None:
        if getattr(self, "awake", False):
            self._end_session()
            if currently_in_test_context():
                note("\n".join(self.story))
            shutil.rmtree(self.folder, ignore_errors=True)


def _ours(names: Any) -> list[str]:
    return [name for name in names if STRANGE not in name and "/.new-" not in f"/{name}"]


def _seen(path: Path) -> tuple[int, ...]:
    found = path.lstat()
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino, found.st_mode
