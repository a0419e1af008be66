"""Results in; tables, figures, HTML and Excel out.

Everything here reads one plain mapping, the content of results.json, and nothing else.
"""
