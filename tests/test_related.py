"""*You may also like*: deterministic, never itself, and changed only nearby by a new article."""

from __future__ import annotations

import subprocess
import sys
from random import Random
from time import perf_counter

from hypothesis import given, settings
from hypothesis import strategies as st

from newsroom.fronts.related import AFTER, LEAST, MOST, Subject, relate, words_of
from tests.pages import Page
from tests.support import Built, environment

few = settings(max_examples=40)
WORDS = st.lists(st.sampled_from("alpha bravo charlie delta echo foxtrot".split()), max_size=3).map(" ".join)
TOPICS = st.lists(st.sampled_from("abcde"), max_size=3, unique=True).map(tuple)
DAY = 86_400
NAMES = [f"article-{n}" for n in range(20)]


@st.composite
def archives(draw: st.DrawFn) -> list[Subject]:
    """Articles oldest first, with few or many topics, series, sections and pins."""
    count = draw(st.integers(0, len(NAMES)))
    return [
        Subject(
            name,
            DAY * draw(st.integers(n, n + 2)),
            draw(TOPICS),
            draw(st.sampled_from(["", "", "one", "two"])),
            draw(st.sampled_from(["first", "second", f"only-{name}"])),
            draw(WORDS),
            tuple(draw(st.lists(st.sampled_from(NAMES), max_size=4))),
        )
        for n, name in enumerate(NAMES[:count])
    ]


@few
@given(archives())
def test_an_article_is_never_related_to_itself_nor_twice_to_another(archive: list[Subject]) -> None:
    for identifier, related in relate(archive).items():
        assert identifier not in related
        assert len(related) == len(set(related)), "the same article stands there twice"
        assert set(related) <= {subject.identifier for subject in archive}


@few
@given(archives())
def test_there_are_four_to_six_where_there_are_five_articles(archive: list[Subject]) -> None:
    for related in relate(archive).values():
        assert min(LEAST, len(archive) - 1) <= len(related) <= MOST


@few
@given(archives())
def test_pinned_articles_come_first_in_the_editors_order(archive: list[Subject]) -> None:
    there = {subject.identifier for subject in archive}
    found = relate(archive)
    for subject in archive:
        pins = dict.fromkeys(pin for pin in subject.pinned if pin in there and pin != subject.identifier)
        assert found[subject.identifier][: len(pins)] == tuple(pins)[:MOST]


@few
@given(archives(), TOPICS, WORDS)
def test_a_new_article_changes_only_its_neighbours(archive: list[Subject], topics: tuple[str, ...], words: str) -> None:
    new = Subject("new", 99 * DAY, topics, "one", "first", words)
    before, after = relate(archive), relate([*archive, new])
    changed = [each for each in before if before[each] != after[each]]
    lists = len(topics) + 3  # its topics, its series, its section, the whole language
    assert len(changed) <= AFTER * lists
    assert all("new" in after[each] for each in changed), "a list changed that the new article is not in"


@few
@given(archives(), st.randoms(use_true_random=False))
def test_only_the_time_of_articles_orders_them(archive: list[Subject], random: Random) -> None:
    """The same subjects, made in another order, give the same lists."""
    again = random.sample(archive, len(archive))
    assert relate(again) == relate(archive)


@given(archives(), archives())
def test_what_was_found_before_holds_away_from_changes(before: list[Subject], after: list[Subject]) -> None:
    """Subjects that come, go, move and change at once: the lists are those that relating all anew gives."""
    known = {each.identifier: each for each in before}
    assert relate(after, known, relate(before)) == relate(after)


@given(archives(), st.sampled_from(NAMES), TOPICS, WORDS, st.integers(0, 30))
def test_one_edit_among_many_is_found_by_its_neighbours(
    archive: list[Subject], name: str, topics: tuple[str, ...], text: str, day: int
) -> None:
    after = [each for each in archive if each.identifier != name]
    after.append(Subject(name, day * DAY, topics, "two", "first", text))
    known = {each.identifier: each for each in archive}
    assert relate(after, known, relate(archive)) == relate(after)


def test_the_hash_seed_orders_nothing() -> None:
    script = (
        "from newsroom.fronts.related import Subject, relate\n"
        "subjects = [Subject(f'a{n}', n // 2, (f't{n % 3}', f't{n % 5}'), '', f's{n % 2}', "
        "f'alpha{n % 4} bravo{n % 7}x charlie') for n in range(60)]\n"
        "print(relate(subjects))"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", script], env=environment(PYTHONHASHSEED=seed), capture_output=True, check=True
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(said) == 1


WORD = "abcdefghijklmnopqrst"


def many(count: int) -> list[Subject]:
    """An archive of one section, with two topics and a few words for each article."""
    return [
        Subject(
            f"article-{n}", n * DAY, (f"t{n % 40}", f"t{n % 7}"), "", "first", f"word{WORD[n % 20]} more{WORD[n % 9]}"
        )
        for n in range(count)
    ]


def test_ten_thousand_articles_take_seconds_and_grow_in_proportion() -> None:
    start = perf_counter()
    small = relate(many(1_000))
    between = perf_counter()
    large = relate(many(10_000))
    took, small_took = perf_counter() - between, between - start
    assert len(small) + len(large) == 11_000
    assert took < 40 * max(small_took, 0.05), "ten times the articles took more than forty times as long"


def test_an_article_added_to_ten_thousand_changes_few_lists() -> None:
    archive = many(10_001)
    before, after = relate(archive[:-1]), relate(archive)
    assert sum(before[each] != after[each] for each in before) <= AFTER * 4


def test_words_of_khmer_are_found_without_spaces() -> None:
    one, other = words_of("មនុស្សទាំងអស់កើតមកមានសេរីភាព"), words_of("សេរីភាពនិងសមភាព")
    assert one & other
    assert words_of("The words that WERE said: Example, example!") == {"words", "example"}


def related_of(page: Page) -> list[str]:
    return [link.rpartition("/")[2] for link in page.tree.xpath("//section[@class='related']//h3/a/@href")]


def test_an_articles_page_shows_the_pinned_ones_first(full: Built) -> None:
    found = related_of(Page(full.output, "2026/11/everything.html"))
    assert found[:2] == ["part-two.html", "opinion.html"]
    assert 4 <= len(found) <= 6


def test_articles_are_related_within_their_language(full: Built) -> None:
    for name in ("km/2026/11/everything.html", "km/2026/11/recent.html"):
        page = Page(full.output, name)
        links = page.tree.xpath("//section[@class='related']//h3/a/@href")
        assert len(links) == 1, "there is one other article in Khmer"
        assert (full.output / name).parent.joinpath(links[0]).resolve().is_relative_to((full.output / "km").resolve())


def test_every_article_of_a_large_language_has_four_to_six(full: Built) -> None:
    for path in full.output.glob("20*/*/*.html"):
        if path.name != "index.html":
            found = related_of(Page(full.output, path.relative_to(full.output).as_posix()))
            assert 4 <= len(found) <= 6, path
            assert path.name not in found
