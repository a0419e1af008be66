"""Micrographs and MRI slices of a list of images."""
