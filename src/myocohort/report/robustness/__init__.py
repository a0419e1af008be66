"""What could overturn the model, in every document."""
