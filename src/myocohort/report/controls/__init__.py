"""Comparison with controls in every document."""
