"""Who stands behind each row of a table and each term of a model."""
