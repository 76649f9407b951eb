"""The reporter's tools: the live preview."""
