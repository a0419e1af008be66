"""Muscle biopsies in every document."""
