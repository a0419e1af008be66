"""MRI over time, and the thigh map, in every document."""
