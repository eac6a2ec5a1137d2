"""Charts: what a report or a comparison looks like, as SVG and as text for a terminal.

Each module is one chart: its data, taken from a report, and how it is drawn. They share scales,
marks, placing of labels, glyphs of a terminal and the writing of SVG.
"""
