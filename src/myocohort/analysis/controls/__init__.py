"""Followed patients against control arms."""
