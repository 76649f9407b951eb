"""The newsroom's Pelican plugins: what an article is, what the site shows, how it is built and published."""

__version__ = "0.1.0"
