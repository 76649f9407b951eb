"""The library: the pictures of a content folder, each looked at and made once, and remembered between builds.

A picture is made for the slots that show it, and published in these only: whoever plans a page asks for it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any

import msgspec

from newsroom.articles.schema import File, Picture
from newsroom.files import Signature, digest, version_of
from newsroom.images.embedded import Words, in_language, read_words
from newsroom.images.plan import MEDIA_TYPES, Order, name
from newsroom.images.render import LARGEST, Look, Rendition, encoders, open_picture, render
from newsroom.images.slots import Slot

Job = tuple[bytes, tuple[Order, ...]]  # a picture's file, and what is to be made of it
Result = tuple["Seen", list[list[Rendition]]]
Progress = Callable[[str, int, int], None]


class Seen(msgspec.Struct, frozen=True, array_like=True):
    """What a picture is and says, or what is wrong with its file, as `message; remedy`."""

    look: Look | None = None
    words: Words = Words()
    fault: str = ""


class Made(msgspec.Struct, frozen=True, array_like=True):
    """A file that was made: form, size in pixels, SHA-256."""

    form: str
    width: int
    height: int
    digest: bytes


class KnownPicture(msgspec.Struct, frozen=True, array_like=True):
    """What the last build knew of a picture: signature and version of its file, and what was made for each order."""

    signature: Signature
    version: bytes
    seen: Seen
    made: tuple[tuple[Order, tuple[Made, ...]], ...] = ()


@dataclass(frozen=True)
class PictureMemory:
    """What is remembered of earlier builds, and where work can be done; as articles/archive.py's."""

    known: Mapping[str, KnownPicture]
    recall: Callable[[bytes], bytes | None]
    store: Callable[[Iterable[tuple[bytes, bytes]]], None]
    run: Callable[[Callable[[Job], Result], Iterable[Job]], Iterable[Result]]


@dataclass
class Library:
    """Answers what the other rooms ask about pictures, by their source path from content's root. `files` holds the
    signature of each."""

    content: Path
    files: Mapping[str, Signature]
    slots: Mapping[str, Slot]
    memory: PictureMemory
    known: dict[str, KnownPicture] = field(default_factory=dict)
    asked: dict[tuple[str, Order], None] = field(default_factory=dict)
    _wanted: set[tuple[str, Order]] = field(default_factory=set)
    _pictures: dict[tuple[str, str, str], Picture] = field(default_factory=dict)
    _waiting: deque[tuple[str, bytes, tuple[Order, ...]]] = field(default_factory=deque)

    def look(self, sources: Iterable[str], progress: Progress) -> None:
        """Look at these pictures, on all cores: what is wrong with them is known before anything is made."""
        self._work("Looking", dict.fromkeys(sources, ()), progress)

    def prepare(self, wanted: Mapping[str, Iterable[Order]], progress: Progress) -> None:
        """Make what pages will ask for, on all cores; what is remembered is not made again. Each picture is kept as
        soon as it is made: a run that is broken off goes on from there."""
        self._wanted.update((source, order) for source, orders in wanted.items() for order in orders)
        self._work("Pictures", wanted, progress)

    def _work(self, stage: str, wanted: Mapping[str, Iterable[Order]], progress: Progress) -> None:
        unknown = {source: tuple(orders) for source, orders in wanted.items() if not self._knows(source, orders)}
        for n, (seen, made) in enumerate(self.memory.run(work, self._jobs(unknown))):
            self._learn(*self._waiting.popleft(), seen, made)
            progress(stage, n + 1, len(unknown))

    def fault(self, source: str) -> str | None:
        """What is wrong with a picture that exists, as `message; remedy`: it is decoded whole to know."""
        return self._look(source).seen.fault or None

    def version(self, source: str) -> bytes:
        """Changes with the picture's file."""
        return self._look(source).version

    def words(self, source: str, lang: str) -> tuple[str, str, str, str]:
        """Alt text, caption, credit and licence that the picture's own fields hold, "" where they hold none."""
        words = self._look(source).seen.words
        return in_language(words.alt, lang), in_language(words.caption, lang), words.credit, words.licence

    def picture(self, source: str, slot: str, focus: str = "") -> Picture:
        """The picture as the slot shows it, which is published from now on. Raises ValueError for one with a fault."""
        order = self.slots[slot].order(focus)
        self.asked[source, order] = None
        found = self._pictures.get((source, slot, focus))
        if found is None:
            found = self._pictures[source, slot, focus] = self._picture(source, slot, order)
        return found

    def _picture(self, source: str, slot: str, order: Order) -> Picture:
        *files, last = self._made(source, order)
        look = self._look(source).seen.look
        sources: dict[str, tuple[File, ...]] = {}
        for each in files:
            media_type = MEDIA_TYPES[each.form][0]
            sources[media_type] = (*sources.get(media_type, ()), File(*_file(each)))
        tone, sizes = look.tone if look else "", self.slots[slot].sizes
        return Picture(*_file(last), MEDIA_TYPES[last.form][0], tuple(sources.items()), sizes, tone)

    def published(self) -> Iterator[tuple[str, bytes, Callable[[], bytes]]]:
        """Every file of the pictures that were asked for: its name, its SHA-256, and what answers its bytes."""
        for source, order in self.asked:
            for n, each in enumerate(self._made(source, order)):
                yield _file(each)[0], each.digest, partial(self._bytes, source, order, n)

    def kept(self) -> dict[str, KnownPicture]:
        """What is known of the pictures, with what this build wanted to be made of them."""
        return {
            source: msgspec.structs.replace(
                known, made=tuple(each for each in known.made if self._is_used(source, each[0]))
            )
            for source, known in self.known.items()
        }

    def _is_used(self, source: str, order: Order) -> bool:
        return (source, order) in self._wanted or (source, order) in self.asked

    def used(self) -> Iterator[bytes]:
        """The versions of all rows that the pictures of this build stand in."""
        for known in self.kept().values():
            yield known.version
            for order, made in known.made:
                yield _of(known.version, order)
                yield from (_bytes_of(each) for each in made)

    def _knows(self, source: str, orders: Iterable[Order]) -> bool:
        known = self.known.get(source) or self._remembered(source)
        return known is not None and (bool(known.seen.fault) or set(orders) <= dict(known.made).keys())

    def _remembered(self, source: str) -> KnownPicture | None:
        """What the last build knew, while the file is as it was then."""
        known = self.memory.known.get(source)
        if known is None or not known.signature or known.signature != self.files.get(source, ()):
            return None
        self.known[source] = known
        return known

    def _look(self, source: str) -> KnownPicture:
        if not self._knows(source, ()):
            self.look([source], lambda *_: None)
        return self.known[source]

    def _made(self, source: str, order: Order) -> tuple[Made, ...]:
        if not self._knows(source, (order,)):
            self.prepare({source: (order,)}, lambda *_: None)
        known = self.known[source]
        if known.seen.fault:
            raise ValueError(f"{source}: {known.seen.fault}")
        return dict(known.made)[order]

    def _jobs(self, wanted: Mapping[str, tuple[Order, ...]]) -> Iterator[Job]:
        """What must be made of each picture; what the cache knows of these very bytes is known at once."""
        for source, orders in wanted.items():
            try:
                with (self.content / source).open("rb") as file:
                    data = file.read(LARGEST + 1)
            except OSError as error:
                fault = f"cannot be read ({error.strerror}); mend its permissions"
                self.known[source] = KnownPicture((), b"", Seen(fault=fault))
                continue
            version = version_of(_salt(), "picture", data)
            known = self.known.get(source)
            made = known.made if known and known.version == version else ()
            seen: Seen | None = self._recall(version, Seen)
            for order in (each for each in orders if each not in dict(made)):
                if files := self._recall(_of(version, order), tuple[Made, ...]):
                    made += ((order, files),)
            if seen is not None:
                self.known[source] = KnownPicture(self.files.get(source, ()), version, seen, made)
            missing = tuple(order for order in orders if order not in dict(made))
            if seen is None or (missing and not seen.fault):
                self._waiting.append((source, version, missing))
                yield data, missing

    def _learn(
        self, source: str, version: bytes, orders: tuple[Order, ...], seen: Seen, made: list[list[Rendition]]
    ) -> None:
        rows = [(version, msgspec.msgpack.encode(seen))]
        found = []
        for order, renditions in zip(orders, made, strict=False):
            files = [Made(each.form, each.width, each.height, bytes.fromhex(digest(each.data))) for each in renditions]
            rows.append((_of(version, order), msgspec.msgpack.encode(files)))
            rows += [(_bytes_of(file), each.data) for file, each in zip(files, renditions, strict=True)]
            found.append((order, tuple(files)))
        self.memory.store(rows)
        known = self.known.get(source)
        before = known.made if known and known.version == version else ()
        self.known[source] = KnownPicture(self.files.get(source, ()), version, seen, (*before, *found))

    def _bytes(self, source: str, order: Order, n: int) -> bytes:
        wanted = self._made(source, order)[n].digest
        data = self.memory.recall(_bytes_of(self._made(source, order)[n]))
        if data is not None and bytes.fromhex(digest(data)) == wanted:
            return data
        _, made = work(((self.content / source).read_bytes(), (order,)))
        if not made or bytes.fromhex(digest(made[0][n].data)) != wanted:
            raise ValueError(f"{source} was changed while the site was built; build again")
        return made[0][n].data

    def _recall(self, version: bytes, kind: Any) -> Any:
        row = self.memory.recall(version)
        try:
            return msgspec.msgpack.decode(row, type=kind) if row else None
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return None


def work(job: Job) -> Result:
    """What a picture is, and what is made of it for each order; nothing where it has a fault."""
    data, orders = job
    try:
        with open_picture(data) as picture:
            words = read_words(picture)
        look, made = render(data, orders)
    except ValueError as error:
        return Seen(fault=str(error)), []
    return Seen(look, words), made


@cache
def _salt() -> bytes:
    """Changes with whatever decides about the bytes that are made of a picture."""
    room = Path(__file__).parent
    code = [digest((room / each).read_bytes()) for each in ("embedded.py", "library.py", "plan.py", "render.py")]
    return bytes.fromhex(digest("\n".join((*code, *encoders())).encode()))


def _of(version: bytes, order: Order) -> bytes:
    return version_of(version, "order", msgspec.msgpack.encode(order))


def _bytes_of(made: Made) -> bytes:
    return version_of(made.digest, "rendition", b"")


def _file(made: Made) -> tuple[str, int, int]:
    return name(made.digest.hex(), made.form), made.width, made.height
