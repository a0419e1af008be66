"""Where records, measurements, outcomes and statistics meet, and nowhere else."""
