"""From output to host."""
