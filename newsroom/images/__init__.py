"""Photographs: what is published of them (plan), and their pixels (render)."""
