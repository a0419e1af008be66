"""Predicted risks in every document."""
