"""What a study measures and asks: the study file, its variables and their one validator."""
