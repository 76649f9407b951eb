"""What readers find on the pages: each item that the site promises, where it belongs."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from tests.pages import Page, pages
from tests.support import SHARED, Built


@pytest.fixture
def everything(full: Built) -> Page:
    return Page(full.output, "2026/11/everything.html")


def test_an_article_opens_with_its_section_kind_headline_and_standfirst(everything: Page) -> None:
    assert everything.text("//h1") == "Example headline with everything"
    assert (
        everything.text("//p[@class='headline-standfirst']") == "Example summary of the “article” that has everything."
    )
    assert everything.text("//header[@class='headline']//*[@class='kicker-section']") == "First section"
    assert everything.text("//header[@class='headline']//*[@class='kicker-label']") == "Analysis"


def test_the_byline_names_every_author_with_role_and_link(everything: Page) -> None:
    byline = everything.find("//div[@class='spread-margin']/p[@class='byline']")
    assert " ".join(byline.text_content().split()) == ("By First Person (reporting), Some Organisation (photographs)")
    assert byline.xpath(".//a/@href") == [
        "../../authors/first-person/index.html",
        "../../authors/some-organisation/index.html",
    ]


def test_times_are_for_readers_and_for_machines(everything: Page) -> None:
    dates = everything.tree.xpath("//p[@class='dates']//time")
    assert [(each.get("datetime"), each.text) for each in dates] == [
        ("2026-11-10T09:30:00+07:00", "10 November 2026, 09:30"),
        ("2026-11-12T10:00:00+07:00", "12 November 2026, 10:00"),
    ]
    assert everything.texts("//p[@class='dates']")[1] == "1 minute to read"
    assert "Example note on the update." in everything.texts("//p[@class='dates']")[2]
    assert "Updated" in everything.texts("//p[@class='dates']")[2]


def test_a_date_with_an_offset_is_shown_in_the_sites_time_zone(full: Built) -> None:
    page = Page(full.output, "2026/10/offset.html")
    assert page.find("//p[@class='dates']/time").get("datetime") == "2026-10-31T23:00:00+07:00"


def test_khmer_dates_are_khmer(full: Built) -> None:
    page = Page(full.output, "km/2026/11/everything.html")
    assert page.find("//p[@class='dates']/time").text == "11 វិច្ឆិកា 2026, 09:30"


def test_the_text_begins_with_the_dateline(everything: Page) -> None:
    assert everything.texts("//div[@class='prose']/p[1]")[0].startswith("Example Town ")
    assert everything.text("//b[@class='dateline']") == "Example Town"


def test_readers_can_pass_an_article_on_by_plain_links(everything: Page) -> None:
    address = "https%3A%2F%2Ffull.example%2Fnews%2F2026%2F11%2Feverything.html"
    links = {each.text: each.get("href") for each in everything.tree.xpath("//a[@class='share-link']")}
    assert links.pop("E-mail").endswith(f"&body={address}")
    assert list(links) == ["Facebook", "Telegram", "WhatsApp", "X"]
    assert all(link.startswith("https://") and link.endswith(f"={address}") for link in links.values())


def test_readers_see_how_to_cite_an_article(everything: Page) -> None:
    cited = everything.text("//p[@class='cite-text']")
    assert cited.startswith("First Person, Some Organisation. ")
    assert cited.endswith("Full site, 10 November 2026, 09:30. https://full.example/news/2026/11/everything.html")


def test_the_hero_has_alt_caption_credit_and_licence(everything: Page) -> None:
    figure = everything.find("//div[@class='spread-wide']/figure")
    image = figure.find(".//img")
    assert image.get("alt") == "A blue rectangle in a larger one."
    assert (image.get("width"), image.get("height")) == ("1200", "600")
    caption = " ".join(figure.find("figcaption").text_content().split())
    assert caption == "Example caption of the hero. Second Person / Some Organisation Licence"
    assert figure.find("figcaption/a").get("href") == "https://creativecommons.org/licenses/by/4.0/"


def test_a_notice_stands_before_a_sensitive_text_and_a_corrected_one(everything: Page) -> None:
    notices = everything.texts("//div[@class='spread-notices']/p[@class='notice']")
    assert notices == [
        "Before you read: example of violence Example note for the reader.",
        "Corrected See what was wrong.",
    ]
    assert everything.find("//p[@class='notice']/a").get("href") == "#article_corrections"


def test_the_body_holds_everything_that_markdown_can_write(everything: Page) -> None:
    prose = everything.find("//div[@class='prose']")
    headings = [heading.text_content().replace("\xa0", " ") for heading in prose.xpath(".//h2")]
    assert headings == ["A table", "A link in a heading"]
    assert [heading.get("id") for heading in prose.xpath(".//h2 | .//h3")] == ["a-table", "a-list", "own-id"]
    assert prose.xpath(".//table//th/@class") == ["left", "right"]
    assert [item.text_content() for item in prose.xpath(".//table//td")] == ["one", "1", "two", "2"]
    assert len(prose.xpath("./ol/li")) == 2
    assert prose.find(".//code").text == "code [TK"
    assert "“more quotes”" in prose.text_content()
    assert 'has "quotes"' in prose.text_content(), "a paragraph that holds Khmer stays as it was typed"


def test_a_figure_in_the_body_has_its_caption(everything: Page) -> None:
    figure = everything.find("//div[@class='prose']/figure[picture]")
    assert figure.find(".//img").get("alt") == "A smaller rectangle, seen from the front."
    assert (figure.find(".//img").get("width"), figure.find(".//img").get("loading")) == ("320", "lazy")
    assert " ".join(figure.find("figcaption").text_content().split()).startswith("Example caption of a figure.")


def test_pull_quote_fact_box_and_video_are_there(everything: Page) -> None:
    quote = everything.find("//figure[@class='pull-quote']")
    assert "Example words set" in quote.find("blockquote").text_content()
    assert quote.find("figcaption").text == "First Person"
    box = everything.find("//aside[@class='fact-box']")
    assert box.find("p[@class='fact-box-title']").text_content().replace("\xa0", " ") == "Example box"
    assert len(box.xpath(".//li")) == 2
    video = everything.find("//p[@class='video']/a")
    assert (video.get("href"), video.text_content().replace("\xa0", " ")) == (
        "https://video.example/watch?v=1",
        "Example video (video.example)",
    )


def test_a_footnote_leads_there_and_back(everything: Page) -> None:
    there = everything.find("//a[@class='footnote-ref']")
    back = everything.find("//a[@class='footnote-backref']")
    assert there.get("href").removeprefix("#") in everything.ids
    assert back.get("href").removeprefix("#") in everything.ids
    assert back.get("title") == "Back to the text"


def test_links_between_documents_lead_to_pages(everything: Page) -> None:
    assert everything.tree.xpath("//div[@class='prose']//a[starts-with(@href, '..')]/@href") == [
        "../../2025/03/part-one.html",
        "../../authors/some-organisation/index.html",
    ]


def test_corrections_replies_sources_and_methods_follow_the_text(everything: Page) -> None:
    corrections = everything.find("//div[@id='article_corrections']")
    assert [" ".join(item.text_content().split()) for item in corrections.iter("li")] == [
        "13 November 2026, 08:00 Example correction: one was two.",
        "14 November 2026, 08:00 Another example correction.",
    ]
    replies = everything.find("//div[@class='notes'][h2='Right of reply']")
    assert " ".join(replies.find(".//li").text_content().split()) == (
        "Example Office Asked on 9 November 2026 It did not answer."
    )
    report = everything.find("//section[@class='report']")
    assert report.find("h2").text == "How we reported this"
    assert [item.text for item in report.iter("li")] == ["An example document", "An example person who spoke"]
    assert report.find("p").text == "Example account of the method."


def test_topics_and_series_are_links(everything: Page) -> None:
    assert [(each.text, each.get("href")) for each in everything.tree.xpath("//nav[@class='topics']//a")] == [
        ("Example topic", "../../topics/example-topic/index.html"),
        ("Second topic", "../../topics/second-topic/index.html"),
    ]
    assert everything.text("//p[@class='part']") == "Part 3 of the series Example series"


def test_previous_and_next_follow_the_dates_in_one_language(everything: Page, full: Built) -> None:
    assert everything.find("//a[@rel='prev']").get("href") == "../../2026/10/offset.html"
    assert everything.find("//a[@rel='next']").get("href") == "../../2026/11/opinion.html"
    newest = Page(full.output, "2026/11/sponsored.html")
    assert newest.tree.xpath("//a[@rel='next']") == []
    khmer = Page(full.output, "km/2026/11/everything.html")
    assert khmer.tree.xpath("//a[@rel='prev']") == []
    assert khmer.find("//a[@rel='next']").get("href") == "../../../km/2026/11/recent.html"


def test_an_article_and_its_translation_link_to_each_other(everything: Page, full: Built) -> None:
    closing = everything.find("//nav[contains(@class, 'languages--closing')]//a")
    assert (closing.get("href"), closing.get("hreflang"), closing.text) == (
        "../../km/2026/11/everything.html",
        "km",
        "ខ្មែរ",
    )
    back = Page(full.output, "km/2026/11/everything.html")
    link = back.find("//nav[contains(@class, 'languages--closing')]//a")
    assert (link.get("href"), link.get("lang"), link.text) == ("../../../2026/11/everything.html", "en", "English")
    assert "Second Person" in back.text("//p[@class='translator']")


def test_text_in_another_language_says_so(full: Built) -> None:
    """A profile that is not translated is read out in its own language."""
    page = Page(full.output, "km/authors/second-person/index.html")
    assert page.find("//div[@class='profile-biography']").get("lang") == "en"
    own = Page(full.output, "km/authors/first-person/index.html")
    assert own.find("//div[@class='profile-biography']").get("lang") is None


def test_you_may_also_like_ends_the_article(everything: Page) -> None:
    last = everything.find("//main").xpath("./*")[-1]
    assert last.get("class") == "related"
    assert last.find("h2").text == "You may also like"


def test_the_front_has_a_lead_the_sections_and_the_rest(full: Built) -> None:
    page = Page(full.output, "index.html")
    assert page.text("//h1") == "Full site"
    assert page.text("//article[contains(@class, 'lead-story')]//h2") == "Example sponsored text"
    assert page.texts("//section[@class='section-block']/h2") == ["First section", "Second section"]
    assert page.text("//p[@class='masthead-tagline']") == "Example tagline"


def test_the_khmer_front_is_khmer(full: Built) -> None:
    page = Page(full.output, "km/index.html")
    assert page.text("//h1") == "គេហទំព័រ"
    assert page.texts("//nav[@class='menu']//a") == ["ផ្នែកទីមួយ", "ផ្នែកទីពីរ"]
    assert page.tree.xpath("//main//article[not(starts-with(.//h2/a/@href, '../km/') or .//h3)]") == []


def test_a_section_page_lists_its_articles_newest_first(full: Built) -> None:
    page = Page(full.output, "sections/first/index.html")
    assert page.text("//h1") == "First section"
    dates = page.tree.xpath("//main//article//time/@datetime")
    assert dates == sorted(dates, reverse=True)
    assert "Example headline with everything" in page.texts("//main//article//h2")


def test_a_series_is_read_from_its_first_part(full: Built) -> None:
    page = Page(full.output, "series/example-series/index.html")
    assert page.texts("//main//article//h2") == [
        "Example part one",
        "Example part two",
        "Example headline with everything",
    ]


def test_an_authors_page_says_who_it_is(full: Built) -> None:
    page = Page(full.output, "authors/first-person/index.html")
    assert page.text("//h1") == "First Person"
    assert page.text("//p[@class='profile-role']") == "Example reporter"
    assert page.find("//div[@class='profile-photo']//img").get("alt") == "A coloured rectangle, higher than wide."
    assert "Second Person / Some Organisation" in page.text("//div[@class='profile-photo']//figcaption")
    assert page.tree.xpath("//ul[@class='profile-links']//a/@href") == [
        "mailto:first@full.example",
        "https://elsewhere.example/first",
    ]
    assert page.text("//div[@class='profile-biography']").startswith("Biography of the first person.")


def test_the_archive_leads_to_years_and_months(full: Built) -> None:
    archive = Page(full.output, "archive/index.html")
    assert archive.texts("//main//h2") == ["2026", "2025", "2024"]
    assert archive.texts("//section[h2/a='2025']//li") == ["March 2025 2 articles"]
    year = Page(full.output, "2025/index.html")
    assert year.texts("//main//article//h2") == ["Example part two", "Example part one"]
    assert year.find("//p[@class='opening-above']/a").get("href") == "../archive/index.html"
    month = Page(full.output, "2025/03/index.html")
    assert month.text("//h1") == "March 2025"
    assert month.find("//p[@class='opening-above']/a").get("href") == "../../2025/index.html"
    assert Page(full.output, "2026/10/index.html").texts("//main//article//h2") == ["Example headline with an offset"]


def test_one_article_is_counted_in_the_singular(full: Built) -> None:
    archive = Page(full.output, "archive/index.html")
    assert "October 2026 1 article" in archive.texts("//section[h2/a='2026']//li")


def test_the_corrections_page_lists_all_of_a_language_newest_first(full: Built) -> None:
    page = Page(full.output, "corrections/index.html")
    assert page.texts("//p[@class='notes-text']") == [
        "Another example correction.",
        "Example correction: one was two.",
    ]
    assert set(page.texts("//p[@class='notes-article']")) == {"Example headline with everything"}
    assert len(Page(full.output, "km/corrections/index.html").texts("//p[@class='notes-text']")) == 1


def test_the_404_page_offers_ways_out(full: Built) -> None:
    page = Page(full.output, "404.html")
    assert page.text("//h1") == "Page not found"
    assert page.find("//a[@class='masthead-home']").get("href") == "./index.html"
    assert len(page.tree.xpath("//section[@class='digest']//li")) == 5
    assert Page(full.output, "km/404.html").tree.get("lang") == "km"


def test_pages_are_in_the_footer_in_their_order_and_contact_holds_the_settings(full: Built) -> None:
    page = Page(full.output, "contact/us.html")
    assert page.texts("//footer//ul/li/a")[:2] == ["About the example", "Contact of the example"]
    details = page.text("//dl[@class='contact-details-list']")
    for value in ("newsroom@full.example", "+855 00 000 000", "Example Street 1"):
        assert value in details
    assert page.find("//dl//a[starts-with(@href, 'tel:')]").get("href") == "tel:+85500000000"


def test_every_page_has_one_h1_one_main_and_a_way_past_the_menu(any_site: Built) -> None:
    for path in sorted(any_site.output.rglob("*.html")):
        page = Page(any_site.output, path.relative_to(any_site.output).as_posix())
        if page.tree.xpath("//meta[@http-equiv='refresh']"):
            continue
        assert len(page.tree.xpath("//h1")) == 1, page.name
        assert len(page.tree.xpath("//main")) == 1, page.name
        levels = [int(each.tag[1]) for each in page.tree.xpath("//h1|//h2|//h3|//h4|//h5|//h6")]
        assert all(after <= before + 1 for before, after in pairwise(levels)), page.name
        if page.name.rpartition("/")[2] != "404.html":
            assert page.tree.xpath("//body//a")[0].get("href") == "#page_content", page.name


def test_the_source_document_is_published_whole(real: Built) -> None:
    """Every paragraph of the document that this site was made from."""
    seed = SHARED / "seed" / "000_205314aee9716d91.txt"
    if not seed.exists():
        pytest.skip("needs ../shared/seed, the document that this site was made from")
    page = Page(real.output, "2021/07/china-cambodia-reject-us-claims-of-chinese-cybertheft.html")

    def words(text: str) -> str:
        return " ".join(re.findall(r"[^\W_]+", text.casefold()))

    published = words(page.tree.text_content())
    # The page tells between the photo's caption and its credit that a drawing stands in for the photo.
    text = seed.read_text(encoding="utf-8").replace("2021. CamboJA/", "2021.\nCamboJA/")
    assert [line for line in text.splitlines() if words(line) not in published] == []


@pytest.mark.parametrize("edition", ["", "km/"])
def test_the_search_page_leads_to_every_list_of_its_language_and_every_page_leads_there(
    full: Built, edition: str
) -> None:
    search = Page(full.output, f"{edition}search/index.html")
    root = full.output / edition
    kinds = ("sections", "topics", "series", "authors")
    lists = {path.parent for kind in kinds for path in root.glob(f"{kind}/*/index.html")}
    lists |= {path.parent for path in root.glob("[0-9][0-9][0-9][0-9]/index.html")}
    found = search.tree.xpath("//a[@class='directory-link']/@href")
    assert {(full.output / search.name).parent.joinpath(href).resolve().parent for href in found} == lists
    assert len(found) == len(lists)
    _, *sorted_ones, years = search.tree.xpath("//div[@class='directory']/section")
    for group in sorted_ones:
        names = [each.casefold() for each in group.xpath(".//a/text()")]
        assert names == sorted(names)
    assert years.xpath("count(.//a)") > 0
    for name, page in pages(full.output).items():
        if page.tree.get("lang") == search.tree.get("lang") and page.tree.xpath("//footer"):
            (link,) = page.tree.xpath("//footer//a[contains(@href, 'search/index.html')]")
            assert link.text_content() == search.text("//h1"), name
