"""Muscle biopsies: findings and expression."""
