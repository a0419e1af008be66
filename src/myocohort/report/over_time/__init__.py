"""Patients over time in every document."""
