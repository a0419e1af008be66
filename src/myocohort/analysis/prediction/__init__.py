"""How good the predicted risks are."""
