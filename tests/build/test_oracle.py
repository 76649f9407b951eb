"""A hundred steps of the oracle; `bench/oracle.py` takes thousands."""

from __future__ import annotations

import os
from collections.abc import Sized

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.build.edits import ARTICLE, AUTHOR, FRONTS, PAGE, SAID, TEXTS
from tests.build.site_machine import SiteMachine
from tests.build.theme_edits import PRINTED, SETTINGS

pytestmark = pytest.mark.skipif(os.name != "posix", reason="builds in copies of one process")
RULES = settings(
    max_examples=2,  # the first is the simplest, in which nothing happens
    stateful_step_count=12,
    deadline=None,
    database=None,
    derandomize=False,  # the seed decides
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
    print_blob=False,
)


@pytest.mark.parametrize("number", [1, 2, 3])
def test_whatever_happens_to_a_site_a_build_leaves_what_a_clean_build_would(number: int) -> None:
    class Machine(SiteMachine):
        plain = number % 4 > 0  # as bench/oracle.py decides

    run_state_machine_as_test(seed(number)(Machine), settings=RULES)
    assert Machine.steps >= RULES.stateful_step_count


def each(kind: str, which: int, values: Sized) -> list[tuple[str, int, int]]:
    """An edit for each field, each with another one of its values."""
    return [(kind, which, n * (len(values) + 1)) for n in range(len(values))]


# Files by their place in the order of names: article 3 is the one with every field, and 9 has a link from another.
WALKS = {
    "fields of an article": each("article_field", 3, ARTICLE),
    "places of an article": [("place", 9, n) for n in range(12)],
    "fields of a page": each("page_field", 1, PAGE),
    "fields of an author": each("author_field", 1, AUTHOR),
    "fronts": [*each("front", 0, FRONTS), *(("introduction", n, n) for n in range(6))],
    "texts": [("text", 15, n) for n in range(len(TEXTS))],
    "words of photographs": [  # the fourth is shown in an article with its own caption, and in another without
        *(("text", article, n) for article, n in ((15, 11), (3, 12))),
        *(("words_of_a_picture", 3, n) for n in range(len(SAID))),
    ],
    "settings": [("setting", n, 0) for n in range(len(SETTINGS))],
    "templates": [("template", 0, n) for n in range(len(PRINTED))],
}


@pytest.mark.parametrize("name", WALKS)
def test_after_each_edit_of_one_kind_a_build_leaves_what_a_clean_build_would(name: str) -> None:
    SiteMachine().walk(WALKS[name])


@pytest.mark.parametrize("start", [2, 3], ids=["two workers", "one worker"])
def test_after_edits_of_texts_in_one_process_the_output_is_that_of_a_clean_build(start: int) -> None:
    """Without another plugin: the session then writes what prints the texts, and looks at nothing else."""
    texts = [("text", article, n) for n, article in enumerate((15, 3, 3, 9, 1, 12))]
    edits = [*texts, *(("headline", article, article // 2) for article in range(16)), *texts]
    SiteMachine().walk([*edits, ("article_field", 3, 0), *edits], start, kind="session")
