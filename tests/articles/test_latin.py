"""Latin letters in Khmer pages: phrases are said to be in the site's other language, names and lone words are not."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape

from newsroom.articles.khmer import WBR, break_words, breakable
from newsroom.articles.latin import latin_language
from newsroom.articles.markdown import polish
from tests.pages import pages
from tests.support import Built

EN = '<span lang="en">'
PHRASE = re.compile(r"(?<![\w&./@-])(?:[a-z]+ [A-Za-z]+|[A-Za-z]+ [a-z]+)(?![\w./@-])")
mixed = st.lists(
    st.sampled_from(["one", "Two", "ក", "ខ", " ", " ", "&", "<", "(", ").", "é", "b.c", "\u200b", "១"]), max_size=30
)


@pytest.mark.parametrize(
    ("languages", "found"),
    [
        (("en", "km"), "en"),
        (("km", "pt-BR"), "pt-BR"),
        (("km", "zh-Hant", "sr-Latn"), "sr-Latn"),
        (("km",), ""),
        (("en", "fr", "km"), ""),
        (("km", "qqq"), ""),
    ],
)
def test_the_only_language_in_latin_letters(languages: tuple[str, ...], found: str) -> None:
    assert latin_language(languages) == found


@pytest.mark.parametrize(
    ("written", "marked"),
    [
        ("ការអ៊ិនគ្រីប (end-to-end encryption) ដូចជា", "end-to-end encryption"),
        ("សូមអាន “Photographs, captions and credits” ផង", "Photographs, captions and credits"),
        ("ឃ្លាំង Git (repository) នេះ", "Git (repository"),
        ("ក the café of Example Street ខ", "the café of Example Street"),
        ("ក see https://example.org/a now ខ", "see https://example.org/a now"),
    ],
)
def test_a_phrase_is_marked_from_its_first_word_to_its_last(written: str, marked: str) -> None:
    made = polish(f"<p>{written}</p>", "km", "en").replace(WBR, "")
    assert made == f"<p>{written.replace(marked, f'{EN}{marked}</span>')}</p>"


@pytest.mark.parametrize(
    "written",
    [
        "ទិន្នន័យមេតា (metadata) ដូចជា",
        "កម្មវិធី OONI Probe និង Cambodian Journalists Alliance Association",
        "Médecins Sans Frontières",
        "https://example.org/copies/news/ ឬ index.html និង newsroom@newsroom.example",
        "one ក two ខ three",
        "១២ &amp; &lt;b&gt; 34",
    ],
)
def test_names_addresses_and_lone_words_are_left_to_the_voice_of_the_page(written: str) -> None:
    assert polish(f"<p>{written}</p>", "km", "en").replace(WBR, "") == f"<p>{written}</p>"


def test_a_phrase_goes_on_in_inline_elements_and_ends_with_its_block() -> None:
    page = '<p>We will <em>not</em> <a href="x">leave</a>.</p><ul><li>one</li><li>two</li></ul>'
    marked = page.replace("We will", f"{EN}We will</span>").replace("not", f"{EN}not</span>")
    assert polish(page, "km", "en") == marked.replace("leave", f"{EN}leave</span>")


def test_code_and_what_names_its_language_are_left_alone() -> None:
    page = (
        '<p lang="fr">le droit de savoir</p><pre><code>git log of it</code></pre><p><i lang="fr">à la carte</i> ក</p>'
    )
    assert polish(page, "km", "en") == page


def test_other_pages_and_sites_with_more_such_languages_mark_no_latin_letters() -> None:
    assert "lang" not in polish("<p>of the site</p>", "en", "en")
    assert "lang" not in polish("<p>of the site</p>", "fr", "en")
    assert polish("<p>of the site ក</p>", "km") == "<p>of the site ក</p>"
    assert breakable("of the site", "en", "en") == "of the site"


def test_a_plain_text_is_escaped_and_marked() -> None:
    assert breakable("ក & the <b> of it", "km", "en") == f"ក &amp; {EN}the &lt;b&gt; of it</span>"


@given(mixed)
def test_marks_change_nothing_but_what_they_say(written: list[str]) -> None:
    page = f"<p>{escape(''.join(written))}</p>"
    marked = break_words(page, "km", "en").replace(WBR, "")
    assert marked.replace(EN, "").replace("</span>", "") == page
    spoken = re.findall(f"{EN}(.*?)</span>", marked)
    assert marked.count("</span>") == len(spoken)
    assert not any(re.search("[ក-៩<]", run) for run in spoken)
    assert all(len(re.findall("[A-Za-z]+", run)) > 1 for run in spoken)


@pytest.mark.parametrize("name", ["real", "full"])
def test_every_phrase_of_khmer_pages_is_said_to_be_english(request: pytest.FixtureRequest, name: str) -> None:
    site: Built = request.getfixturevalue(name)
    found = 0
    for path, page in pages(site.output).items():
        if page.tree.get("lang") == "km":
            for text in page.tree.xpath("//body//text()[not(ancestor::script or ancestor::code)]"):
                if PHRASE.search(text):
                    place = text.getparent() if text.is_text else text.getparent().getparent()
                    (lang, *_) = place.xpath("ancestor-or-self::*[@lang][1]/@lang")
                    assert lang == "en", f"{path}: {text}"
                    found += 1
    assert found
