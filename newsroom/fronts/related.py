"""*You may also like*: a deterministic function that a new article changes only nearby.

Candidates of an article are its neighbours in time, within each of its topics, its series and its section, and
in the whole language where these are few: BEFORE older ones and AFTER newer ones. A new article is thus a
candidate for at most AFTER older ones in each of those lists, however large the archive. Candidates are
ranked by what they share: series, topics, words of headline and summary, section, and last by nearness.
No statistics of the whole archive enter, for those would move every list with every article.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

MOST, LEAST = 6, 4
BEFORE, AFTER = 12, 4

_COMMON = frozenset(
    "about after again against also because been before being between both does doing down during each from "
    "further have having here into itself just more most only other over same should some such than that their "
    "them then there these they this those through under until very were what when where which while whom will "
    "with your says said".split()
)
_KHMER_RUN = re.compile("[\u1780-\u17d3]+")


@dataclass(frozen=True)
class Subject:
    """What related articles are found by. `topics`, `series` and `section` name the lists it stands in."""

    identifier: str
    topics: frozenset[str]
    series: str
    section: str
    words: frozenset[str]
    pinned: tuple[str, ...] = ()


def words_of(text: str) -> frozenset[str]:
    """The telling words of a text: of four letters or more, not common; of Khmer, runs of five characters,
    for its words are not separated."""
    latin = {word for word in re.findall(r"[^\W\d_]{4,}", _KHMER_RUN.sub(" ", text).casefold()) if word not in _COMMON}
    khmer = {run[n : n + 5] for run in _KHMER_RUN.findall(text) for n in range(len(run) - 4)}
    return frozenset(latin | khmer)


def relate(oldest_first: Sequence[Subject]) -> dict[str, tuple[str, ...]]:
    """For each subject the identifiers of up to six others: pinned ones first, at least four where there are."""
    place = {subject.identifier: n for n, subject in enumerate(oldest_first)}
    lists: Mapping[str, list[int]] = defaultdict(list)
    for n, subject in enumerate(oldest_first):
        for name in _lists(subject):
            lists[name].append(n)
    return {
        subject.identifier: _choose(n, oldest_first, place, [lists[name] for name in _lists(subject)])
        for n, subject in enumerate(oldest_first)
    }


def _lists(subject: Subject) -> Iterable[str]:
    yield from (f"topic {topic}" for topic in sorted(subject.topics))
    if subject.series:
        yield f"series {subject.series}"
    yield f"section {subject.section}"


def _choose(
    n: int, subjects: Sequence[Subject], place: Mapping[str, int], lists: Iterable[Sequence[int]]
) -> tuple[str, ...]:
    subject = subjects[n]
    pinned = list(dict.fromkeys(place[each] for each in subject.pinned if place.get(each, n) != n))
    near = {other for members in lists for other in _neighbours(n, members)} - {n, *pinned}
    if len(near) + len(pinned) < LEAST:
        near |= set(_neighbours(n, range(len(subjects)))) - {n, *pinned}
    ranked = sorted(near, key=lambda other: (-_likeness(subject, subjects[other]), abs(other - n), other))
    good = [other for other in ranked if _likeness(subject, subjects[other]) > 1]
    chosen = [*pinned, *(good if len(pinned) + len(good) >= LEAST else ranked[: max(0, LEAST - len(pinned))])]
    return tuple(subjects[other].identifier for other in chosen[:MOST])


def _neighbours(n: int, members: Sequence[int]) -> Sequence[int]:
    at = bisect_left(members, n)
    return members[max(0, at - BEFORE) : at + AFTER + 1]


def _likeness(one: Subject, other: Subject) -> int:
    series = 8 if one.series and one.series == other.series else 0
    topics = 4 * len(one.topics & other.topics)
    return series + topics + 2 * len(one.words & other.words) + (one.section == other.section)
