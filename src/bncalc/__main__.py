"""`python -m bncalc`."""

from bncalc.cli.main import main

main()
