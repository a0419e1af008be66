"""Clinical scores of the followed patients."""
