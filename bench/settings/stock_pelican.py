"""Stock Pelican with the theme it brings along and the same kinds of pages and feeds."""

PLUGINS: list[str] = []
PATH, OUTPUT_PATH, THEME = "content", "output", "simple"
SITENAME = "Example Newsroom"
SITEURL = "https://bench.example"
TIMEZONE = "Asia/Phnom_Penh"
DEFAULT_LANG = "en"
TYPOGRIFY = True
ARTICLE_PATHS, PAGE_PATHS = ["articles"], ["pages"]
ARTICLE_URL = ARTICLE_SAVE_AS = "{date:%Y}/{date:%m}/{slug}.html"
PAGE_URL = PAGE_SAVE_AS = "{slug}.html"
CATEGORY_URL = CATEGORY_SAVE_AS = "sections/{slug}.html"
TAG_URL = TAG_SAVE_AS = "topics/{slug}.html"
AUTHOR_URL = AUTHOR_SAVE_AS = "authors/{slug}.html"
YEAR_ARCHIVE_URL = YEAR_ARCHIVE_SAVE_AS = "{date:%Y}/index.html"
MONTH_ARCHIVE_URL = MONTH_ARCHIVE_SAVE_AS = "{date:%Y}/{date:%m}/index.html"
DEFAULT_PAGINATION = 20
FEED_MAX_ITEMS = 20
FEED_ALL_ATOM, FEED_ALL_RSS = "feeds/all.atom.xml", "feeds/all.rss.xml"
CATEGORY_FEED_ATOM, CATEGORY_FEED_RSS = "feeds/{slug}.atom.xml", "feeds/{slug}.rss.xml"
AUTHOR_FEED_ATOM, AUTHOR_FEED_RSS = "feeds/{slug}.atom.xml", "feeds/{slug}.rss.xml"
