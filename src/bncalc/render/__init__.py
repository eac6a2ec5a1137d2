"""How results are shown: a report becomes a table, and a table becomes text."""
