"""The smallest site: one language, one section."""

import newsroom.plugin  # noqa: F401

PLUGINS = ["newsroom.plugin"]
PATH, OUTPUT_PATH, THEME = "content", "output", "theme"
SITENAME = "Minimal site"
SITEURL = "https://minimal.example"
TIMEZONE = "Asia/Phnom_Penh"
DEFAULT_LANG = "en"
ARTICLE_URL = ARTICLE_SAVE_AS = "{date:%Y}/{date:%m}/{slug}.html"
PAGE_URL = PAGE_SAVE_AS = "{slug}.html"
DEFAULT_PAGINATION = 20
FEED_MAX_ITEMS = 20
NEWSROOM = {
    "sections": {"first": {"en": "First section"}},
    "contact": {"email": "newsroom@minimal.example"},
    "feed_authority": "minimal.example,2026",
}
