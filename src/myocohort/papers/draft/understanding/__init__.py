"""What the tables and sentences of a paper say, in the shapes of a paper file."""
