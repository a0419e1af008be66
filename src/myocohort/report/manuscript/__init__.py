"""The Word document and the LaTeX tables."""
