"""What an article is: its schema, its Markdown, its rules."""
