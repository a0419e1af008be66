"""From a printed number back to the records: `myocohort explain`."""
