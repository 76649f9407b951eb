"""A site of mistakes: each file holds one, and problems.txt what a build must say."""

import newsroom.plugin  # noqa: F401

PLUGINS = ["newsroom.plugin"]
PATH, OUTPUT_PATH, THEME = "content", "output", "theme"
SITENAME = "Invalid site"
SITEURL = "https://invalid.example"
TIMEZONE = "Asia/Phnom_Penh"
DEFAULT_LANG = "en"
ARTICLE_URL = ARTICLE_SAVE_AS = "{date:%Y}/{date:%m}/{slug}.html"
PAGE_URL = PAGE_SAVE_AS = "{slug}.html"
DEFAULT_PAGINATION = 20
FEED_MAX_ITEMS = 20
NEWSROOM = {
    "languages": ["en", "km"],
    "sections": {"first": {"en": "First section", "km": "ផ្នែកទីមួយ"}},
    "contact": {"email": "newsroom@invalid.example"},
    "feed_authority": "invalid.example,2026",
}
