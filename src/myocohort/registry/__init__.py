"""The records of a study: a Django app with its session, imports and reading for analysis."""
