"""What the site shows besides one article's text: fronts, listings, related, feeds, sitemaps, structured data."""
