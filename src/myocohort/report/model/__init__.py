"""Table 2, the forest plot and the validation."""
