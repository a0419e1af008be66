"""Patients over time: events, mRS, CK, strength, doses and time lines."""
