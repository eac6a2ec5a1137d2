"""The page: one HTML file with the charts, the tree of layers and all else there is to see.

It asks no network for anything, reads without JavaScript, and runs only its own script.
"""
