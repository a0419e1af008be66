"""Panels of images in every document."""
