"""*You may also like*: a deterministic function that a new article changes only nearby.

Candidates of an article are its neighbours in time, within each of its topics, its series and its section, and
in the whole language where these are few: BEFORE older ones and AFTER newer ones. A new article is thus a
candidate for at most AFTER older ones in each of those lists, however large the archive. Candidates are
ranked by what they share: series, topics, words of headline and summary, section, and last by nearness.
No statistics of the whole archive enter, for those would move every list with every article. What relating
found before therefore still holds wherever nothing nearby has changed.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import msgspec

MOST, LEAST = 6, 4
BEFORE, AFTER = 12, 4
_BATCH = 500  # subjects that are looked at together

_COMMON = frozenset(
    "about after again against also because been before being between both does doing down during each from "
    "further have having here into itself just more most only other over same should some such than that their "
    "them then there these they this those through under until very were what when where which while whom will "
    "with your says said".split()
)
_KHMER_RUN = re.compile("[\u1780-\u17d3]+")


class Subject(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What related articles are found by. `topics`, `series` and `section` name the lists it stands in; `text` is
    compared by its words; `date` is in seconds."""

    identifier: str
    date: int
    topics: tuple[str, ...]
    series: str
    section: str
    text: str
    pinned: tuple[str, ...] = ()

    @property
    def place(self) -> tuple[int, str]:
        """Where it stands among others: the oldest first."""
        return self.date, self.identifier

    @property
    def lists(self) -> list[str]:
        """The names of the lists it stands in; "" is that of all."""
        series = [f"series {self.series}"] if self.series else []
        return [*(f"topic {topic}" for topic in dict.fromkeys(self.topics)), *series, f"section {self.section}", ""]


Related = dict[str, tuple[str, ...]]
Run = Callable[[Callable[[Sequence[str]], Related], Iterable[Sequence[str]]], Iterable[Related]]


def words_of(text: str) -> frozenset[str]:
    """The telling words of a text: of four letters or more, not common; of Khmer, runs of five characters,
    for its words are not separated."""
    latin = {word for word in re.findall(r"[^\W\d_]{4,}", _KHMER_RUN.sub(" ", text).casefold()) if word not in _COMMON}
    khmer = {run[n : n + 5] for run in _KHMER_RUN.findall(text) for n in range(len(run) - 4)}
    return frozenset(latin | khmer)


def relate(
    subjects: Iterable[Subject],
    before: Mapping[str, Subject] | None = None,
    found: Related | None = None,
    run: Run = map,
) -> Related:
    """For each subject the identifiers of up to six others: pinned ones first, at least four where there are.

    `found` is what was answered for the subjects `before`, by identifier; it must be complete. `run(function,
    batches)` answers each batch's result, in order.
    """
    index = Index(subjects)
    names, chosen = list(index.subjects), {}
    if before is not None and found is not None:
        near, chosen = index.near_changes(before), dict(found)
        names = [name for name in names if name in near]
    for each in run(index.choose, (names[at : at + _BATCH] for at in range(0, len(names), _BATCH))):
        chosen |= each
    return {name: chosen[name] for name in index.subjects}


class Index:
    """All subjects by identifier, and the lists they stand in, each in the order of time."""

    def __init__(self, subjects: Iterable[Subject]) -> None:
        ordered = sorted(subjects, key=lambda each: each.place)
        self.subjects = {each.identifier: each for each in ordered}
        self._lists: dict[str, list[tuple[int, str]]] = defaultdict(list)
        self._found: dict[str, frozenset[str]] = {}
        for subject in ordered:
            for name in subject.lists:
                self._lists[name].append(subject.place)

    def choose(self, names: Iterable[str]) -> Related:
        """What is related to each of these subjects."""
        return {name: self._choose(self.subjects[name]) for name in names}

    def warm(self) -> Iterator[None]:
        """Find the words of every subject, of the newest first, in small steps."""
        for n, subject in enumerate(reversed(list(self.subjects.values()))):
            self._words(subject)
            if n % 100 == 0:
                yield

    def rewrite(self, subject: Subject) -> Related:
        """Put a subject in the place of itself with another text; answers anew for all who may see it."""
        self.subjects[subject.identifier] = subject
        self._found.pop(subject.identifier, None)
        return self.choose(self._near([subject]))

    def _choose(self, subject: Subject) -> tuple[str, ...]:
        mine = subject.identifier
        pinned = list(dict.fromkeys(each for each in subject.pinned if each in self.subjects and each != mine))
        taken = {mine, *pinned}
        *own, everyone = subject.lists
        near = {other for name in own for other in self._around(subject, name, BEFORE, AFTER)} - taken
        if len(near) + len(pinned) < LEAST:
            near |= set(self._around(subject, everyone, BEFORE, AFTER)) - taken
        ranked = self._ranked(subject, near)
        good = [other for likeness, *_, other in ranked if likeness < -1]
        rest = [other for *_, other in ranked[: max(0, LEAST - len(pinned))]]
        return tuple([*pinned, *(good if len(pinned) + len(good) >= LEAST else rest)][:MOST])

    def _ranked(self, one: Subject, near: Iterable[str]) -> list[tuple[int, int, int, str]]:
        """Each with its likeness below nought: the likest first, then the nearest in time, then the newer."""
        topics, words = frozenset(one.topics), self._words(one)
        ranked = []
        for name in near:
            other = self.subjects[name]
            likeness = 1 if one.section == other.section else 0
            if one.series and one.series == other.series:
                likeness += 8
            if not topics.isdisjoint(other.topics):
                likeness += 4 * len(topics.intersection(other.topics))
            if not words.isdisjoint(shared := self._words(other)):
                likeness += 2 * len(words & shared)
            ranked.append((-likeness, abs(one.date - other.date), -other.date, name))
        return sorted(ranked)

    def _words(self, subject: Subject) -> frozenset[str]:
        found = self._found.get(subject.identifier)
        if found is None:
            found = self._found[subject.identifier] = words_of(subject.text)
        return found

    def _around(self, subject: Subject, name: str, before: int, after: int) -> Iterator[str]:
        members = self._lists.get(name, ())
        at = bisect_left(members, subject.place)
        return (other for _, other in members[max(0, at - before) : at + after + 1])

    def near_changes(self, before: Mapping[str, Subject]) -> set[str]:
        """The subjects that something changed near, or that changed: who may see one that came, went or moved."""
        moved = [each for name, each in before.items() if self.subjects.get(name) != each]
        moved += [each for name, each in self.subjects.items() if before.get(name) != each]
        near = {each.identifier for each in moved}
        known = before.keys() ^ self.subjects.keys()
        near |= {name for name, each in self.subjects.items() if not known.isdisjoint(each.pinned)}
        return near | self._near(moved)

    def _near(self, moved: Iterable[Subject]) -> set[str]:
        lists = ((subject, name) for subject in moved for name in subject.lists)
        return {other for at, name in lists for other in self._around(at, name, AFTER + 1, BEFORE + 1)}
