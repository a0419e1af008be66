"""A published paper's numbers: what is printed, what can be recomputed, what cannot be right."""
