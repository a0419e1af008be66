"""STIR: its receive field, its muscle reference, failed fat suppression, and healthy controls."""
