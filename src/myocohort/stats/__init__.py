"""Statistics for small samples: one file per test or model, each returns a `Result`."""
