"""Reporting checklists, filled where the report answers their items."""
