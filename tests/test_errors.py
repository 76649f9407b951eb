"""Problems: one line each, sorted, counted, with a suggestion where one is near."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsroom.errors import BuildFailed, Problem, did_you_mean

ONE = Problem("content/a.md", 2, "something is wrong", "do something")
TWO = Problem("content/a.md", 10, "something is wrong", "do something")
THREE = Problem("content/b.md", 1, "something is wrong", "do something")


def test_a_problem_reads_as_path_line_message_and_remedy() -> None:
    assert str(ONE) == "content/a.md:2: something is wrong; do something"


def test_problems_are_sorted_by_path_and_number_and_told_once() -> None:
    failed = BuildFailed([THREE, TWO, ONE, TWO])
    assert failed.problems == [ONE, TWO, THREE]
    assert str(failed) == "\n".join(map(str, [ONE, TWO, THREE]))


@pytest.mark.parametrize(
    ("problems", "count"), [([], "0 problems"), ([ONE], "1 problem"), ([ONE, ONE, TWO], "2 problems")]
)
def test_problems_are_counted_in_words(problems: list[Problem], count: str) -> None:
    assert BuildFailed(problems).count == count


def test_a_failed_build_that_nobody_catches_ends_with_status_1_and_prints_its_problems() -> None:
    assert isinstance(BuildFailed([ONE]), SystemExit)
    assert BuildFailed([ONE]).code == str(ONE)


@pytest.mark.parametrize(
    ("word", "remedy"),
    [
        ("Politcs", "did you mean 'Politics'?"),
        ("politics", "did you mean 'Politics'?"),
        ("PRESS FREEDOM", "did you mean 'Press freedom'?"),
        ("Sport", "otherwise"),
        ("", "otherwise"),
        ("ខ្មែរ", "otherwise"),
    ],
)
def test_a_suggestion_is_the_nearest_known_word(word: str, remedy: str) -> None:
    assert did_you_mean(word, ["Politics", "Press freedom"], "otherwise") == remedy


@given(st.text(max_size=30), st.lists(st.text(max_size=30), max_size=5))
def test_a_suggestion_is_known(word: str, known: list[str]) -> None:
    remedy = did_you_mean(word, known, "otherwise")
    assert remedy == "otherwise" or remedy in [f"did you mean {name!r}?" for name in known]


@given(st.lists(st.text(min_size=1, max_size=30), min_size=1, max_size=5))
def test_a_known_word_in_another_case_is_suggested(known: list[str]) -> None:
    assert did_you_mean(known[0].swapcase(), known[:1], "otherwise").startswith("did you mean") or (
        known[0].swapcase().casefold() != known[0].casefold()
    )
