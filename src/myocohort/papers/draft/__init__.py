"""A paper's text turned into a paper file that a person corrects."""
