"""`python -m bncalc`, which puts the working folder on the path: nothing is imported from there."""

import os
import sys

if not sys.flags.safe_path and sys.path[:1] == [os.getcwd()]:  # noqa: PTH109 - it costs a start
    del sys.path[0]

from bncalc.cli.main import main

main()
