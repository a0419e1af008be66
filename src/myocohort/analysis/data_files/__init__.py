"""Commands on any data file: fits, comparisons, agreement, validation, imputation."""
