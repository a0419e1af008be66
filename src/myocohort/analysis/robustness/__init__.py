"""What could overturn the final model."""
