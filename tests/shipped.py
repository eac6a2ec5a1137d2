"""The shipped networks, each read once in a process: what is read of them does not change."""

from functools import cache

import bncalc
from bncalc.analysis.report import Report
from bncalc.model.graph import Graph
from bncalc.opening.model import open_model

model = cache(open_model)


def graph(name: str) -> Graph:
    (alone,) = model(name).graphs
    return alone


@cache
def report(name: str) -> Report:
    return bncalc.measure(graph(name))
