"""What an editor arranges: the front page's lead and blocks, and introductions of sections, topics and series."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support import Built, build, invoke, problems


def write(site: Path, name: str, text: str) -> None:
    path = site / "content/fronts" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def lead(page: str) -> str:
    found = re.search(r'class="lead-story-link" href="\./([^"]+)"', page)
    assert found
    return found[1]


def blocks(page: str) -> list[str]:
    return re.findall(r'class="section-block-link" href="\./sections/([\w-]+)/', page)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("sections/first/index.html", "Introduction of the first section"),
        ("sections/second/index.html", "Introduction of the second section"),
        ("km/sections/second/index.html", "សេចក្ដីផ្ដើម"),
        ("topics/example-topic/index.html", "Introduction of a topic."),
        ("series/example-series/index.html", "The second one."),
    ],
)
def test_an_introduction_stands_on_the_first_page_of_its_list(full: Built, name: str, words: str) -> None:
    page = full.text(name).replace("<wbr>", "")
    assert words in page.replace("\xa0", " ").replace("&nbsp;", " ")
    assert page.index('class="opening-introduction"') < page.index('class="card')
    others = list((full.output / name).parent.glob("page-*.html"))
    assert others or not name.startswith("sections/first")
    assert not any('class="opening-introduction"' in path.read_text(encoding="utf-8") for path in others)


def test_an_introduction_has_links_that_lead_where_they_say(full: Built) -> None:
    assert 'href="../../2026/11/opinion.html"' in full.text("sections/second/index.html")


def test_an_editor_pins_the_lead_and_orders_the_blocks(full_copy: Path) -> None:
    built = build(full_copy)
    before, khmer = built.text("index.html"), built.text("km/index.html")
    assert (lead(before), blocks(before)) != ("2025/03/part-one.html", ["second"])
    write(full_copy, "index.md", "---\nlead: part-one\nblocks: [Second section]\n---\n")
    after = build(full_copy).text("index.html")
    assert (lead(after), blocks(after)) == ("2025/03/part-one.html", ["second"])
    assert after.count('href="./2025/03/part-one.html"') == 1, "it stands in the lead only"
    newest = lead(before)
    assert newest in after, "what was the lead is still on the page"
    assert build(full_copy).text("km/index.html") == khmer


def test_an_article_links_to_a_list_by_the_file_that_introduces_it(full_copy: Path) -> None:
    path = full_copy / "content/articles/2026/11/opinion.md"
    with path.open("a", encoding="utf-8") as file:
        file.write("\nSee [all of it](/fronts/topics/example-topic.md).\n")
    page = build(full_copy).text("2026/11/opinion.html")
    assert 'href="../../topics/example-topic/index.html">all of it' in page.replace("\xa0", " ")


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        (
            "index.md",
            "---\nlead: opinon\n---\n",
            "content/fronts/index.md:2: lead 'opinon' is not a public article in this language; "
            "did you mean 'opinion'?",
        ),
        (
            "index.md",
            "---\nlead: quokkadraft\n---\n",
            "content/fronts/index.md:2: lead 'quokkadraft' is not a public article in this language; ",
        ),
        (
            "index.md",
            "---\nblocks: [Frist section]\n---\n",
            "content/fronts/index.md:2: blocks 'Frist section' is not a section; did you mean 'First section'?",
        ),
        (
            "index.md",
            "---\n---\nText.\n",
            "content/fronts/index.md:3: the front page shows no introduction; delete the text; lead and blocks stay",
        ),
        (
            "topics/exmple-topic.md",
            "---\n---\nText.\n",
            "content/fronts/topics/exmple-topic.md:1: no article has the topic 'exmple-topic'; "
            "did you mean 'example-topic'?",
        ),
        (
            "topics/example-topic.en.md",
            "---\n---\nText.\n",
            "content/fronts/topics/example-topic.md:1: it arranges the same list as "
            "'fronts/topics/example-topic.en.md'; keep one of the two files",
        ),
        (
            "series/other.md",
            "---\n---\nText.\n",
            "content/fronts/series/other.md:1: no article has the series 'other'; ",
        ),
        (
            "sections/secnd.md",
            "---\nlead: opinion\n---\nText.\n",
            "content/fronts/sections/secnd.md:1: 'secnd' is not the id of a section; did you mean 'second'?",
        ),
        (
            "authors/x.md",
            "---\n---\nText.\n",
            "content/fronts/authors/x.md:1: the file introduces no list of the site; name it fronts/index.md, "
            "or put it into fronts/sections/, fronts/topics/, fronts/series/",
        ),
    ],
)
def test_a_front_with_a_mistake_is_a_sentence(full_copy: Path, name: str, text: str, expected: str) -> None:
    write(full_copy, name, text)
    done = invoke(full_copy, "build")
    assert done.returncode == 1
    assert any(line.startswith(expected) for line in problems(done.stderr)), done.stderr


def test_what_introduces_an_embargoed_series_waits_with_it(full_copy: Path) -> None:
    articles = full_copy / "content/articles"
    write(full_copy, "series/secret.md", "---\n---\nSee [part one](/articles/2026/11/quokkaembargoed.md).\n")
    path = articles / "2026/11/quokkaembargoed.md"
    text = re.sub(r"(?m)^series: .*$", "series: {name: Secret, part: 1}", path.read_text(encoding="utf-8"))
    path.write_text(text, encoding="utf-8")
    built = build(full_copy)
    assert not (built.output / "series/secret").exists()
    with (articles / "2026/11/opinion.md").open("a", encoding="utf-8") as file:
        file.write("\nSee [all of it](/fronts/series/secret.md).\n")
    done = invoke(full_copy, "build")
    (problem,) = problems(done.stderr)
    assert "the link '/fronts/series/secret.md' leads to an article that is not public yet" in problem
