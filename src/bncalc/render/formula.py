"""A formula as people read it, as LaTeX, as Python, and as a document for scripts."""

from __future__ import annotations

from typing import Any

from bncalc._version import __version__
from bncalc.analysis.metric import METRICS
from bncalc.printable import printable
from bncalc.quantity import exact, listed
from bncalc.render.notation import LATEX, PYTHON, TEXT, NotationStyle, TermWriter
from bncalc.render.notes import assumed
from bncalc.render.provenance import VERSION
from bncalc.search import terms as algebra
from bncalc.search.conditions import Requirement
from bncalc.search.formula import DerivedFormula
from bncalc.search.terms import Composite, Symbol, Terms


def text(formula: DerivedFormula) -> str:
    """Return the formulas as lines, then what their parts stand for and what must hold."""
    writer = TermWriter(TEXT, formula.atoms)
    lines = [f"{printable(formula.title)}, exactly, as {_names(formula)}", ""]
    width = max(len(METRICS[word].title) for word in formula.terms)
    for word, terms in formula.terms.items():
        unit = " bytes" if METRICS[word].unit == "bytes" else ""
        lines.append(f"{METRICS[word].title:<{width}} = {writer.total(terms)}{unit}")
    definitions = writer.definitions(_used(formula))
    if definitions:
        lines += ["", "with"]
        lines += [f"  {name} = {meaning}" for name, meaning in definitions.items()]
    if formula.conditions:
        lines += ["", "if"]
        lines += [f"  {writer.statement(statement)}" for statement in formula.conditions]
    lines += ["", f"At {_varied(formula)}: {_numbers(formula)}.", _resting(formula)]
    return "\n".join(lines) + "\n"


def latex(formula: DerivedFormula) -> str:
    """Return aligned equations, and what must hold as a line after them."""
    writer = TermWriter(LATEX, formula.atoms)
    sides = [
        (rf"\mathrm{{{METRICS[word].title}}}".replace(" ", r"\ "), writer.total(terms))
        for word, terms in formula.terms.items()
    ]
    sides += writer.definitions(_used(formula)).items()
    rows = " \\\\\n".join([f"  {left} &= {right}" for left, right in sides])
    conditions = ",\\quad ".join(map(writer.statement, formula.conditions))
    end = f"% if {conditions}\n" if conditions else ""
    about = f"% {_about(formula)}\n"
    return f"{about}\\begin{{align*}}\n{rows}\n\\end{{align*}}\n{end}"


def python(formula: DerivedFormula) -> str:
    """Return a function of the values that vary; it asserts what must hold."""
    writer = TermWriter(PYTHON, formula.atoms)
    names = [writer.name(atom) for atom in formula.atoms if isinstance(atom, Symbol)]
    meanings = writer.definitions(_used(formula))
    before, after = list[str](), list[str]()
    for each in sorted(formula.conditions, key=lambda each: each.sign in "|∤"):
        (before if _is_of_symbols(each) else after).append(f"assert {writer.statement(each)}")
    defined = [f"{name} = {meaning}" for name, meaning in meanings.items()]
    body = [*before, *defined, *after, "return {"]
    for word, terms in formula.terms.items():
        total = writer.total(terms)
        exact = all(atom.whole for atom in formula.atoms) and "/" not in total.replace("//", "")
        body.append(f'    "{METRICS[word].key}": {total if exact else f"round({total})"},')
    body += ["}"]
    title = _about(formula).replace("\\", "\\\\").replace('"', '\\"')
    heading = f'"""{title}"""'
    lines = [f"def cost({', '.join(names)}):", *[f"    {line}" for line in (heading, *body)]]
    functions = {atom.function for atom in formula.atoms if isinstance(atom, Composite)}
    imported = ", ".join(sorted(functions & {"ceil", "exp", "log", "sqrt"}))
    needed = f"from math import {imported}\n\n\n" if imported else ""
    needed += _DIVISIBLE if "divisible" in functions else ""
    return needed + "\n".join(lines) + "\n"


def _is_of_symbols(statement: Requirement) -> bool:
    """Return whether a condition needs no part: it is asserted before a part divides by it."""
    atoms = algebra.atoms_in(statement.left) | algebra.atoms_in(statement.right)
    return all(isinstance(atom, Symbol) for atom in atoms)


_DIVISIBLE = '''\
def divisible(x, divisor, minimum=None):
    """Round to a multiple, never below nine tenths."""
    minimum = divisor if minimum is None else minimum
    rounded = max(minimum, int(x + divisor / 2) // divisor * divisor)
    return rounded + divisor if rounded < 0.9 * x else rounded


'''


def document(formula: DerivedFormula) -> dict[str, Any]:
    """Return the formulas as data, each as terms and in every notation."""
    writers = {name: TermWriter(style, formula.atoms) for name, style in _STYLES.items()}
    used = _used(formula)
    return {
        "schema": "bncalc.formula/1",
        "version": __version__,
        **formula.assumptions.stated(),
        "name": formula.title,
        "at": dict(formula.witness),
        "formulas": {
            METRICS[word].key: {
                **{name: writer.total(terms) for name, writer in writers.items()},
                "terms": _as_data(terms, writers["python"]),
                "value": formula.numbers[word],
            }
            for word, terms in formula.terms.items()
        },
        "parts": [
            dict(zip(_STYLES, parts, strict=True))
            for parts in zip(*[_pairs(writer, used) for writer in writers.values()], strict=True)
        ],
        "conditions": [
            {name: writer.statement(statement) for name, writer in writers.items()}
            for statement in formula.conditions
        ],
        "remarks": [*formula.gaps],
    }


_STYLES: dict[str, NotationStyle] = {"text": TEXT, "latex": LATEX, "python": PYTHON}


def _pairs(writer: TermWriter, used: list[Terms]) -> list[str]:
    return [f"{name} = {meaning}" for name, meaning in writer.definitions(used).items()]


def _as_data(terms: Terms, writer: TermWriter) -> list[dict[str, Any]]:
    """Return each term as its factor and the powers of what it multiplies."""
    return [
        {
            "factor": int(factor) if factor.denominator == 1 else str(factor),
            "powers": {writer.name(atom): power for atom, power in monomial},
        }
        for monomial, factor in algebra.frozen(terms)
    ]


def _about(formula: DerivedFormula) -> str:
    """Say what the formula is of, and by what the same is had again."""
    title = printable(formula.title)
    return f"{title}: what it costs, exactly, derived at {_varied(formula)}; {_resting(formula)}"


def _resting(formula: DerivedFormula) -> str:
    resting = assumed(formula.assumptions, formula.terms, formula.witness)
    return "; ".join([*formula.gaps, resting, VERSION])


def _used(formula: DerivedFormula) -> list[Terms]:
    """Return all terms in which parts occur."""
    sides = [side for condition in formula.conditions for side in (condition.left, condition.right)]
    return [*formula.terms.values(), *sides]


def _names(formula: DerivedFormula) -> str:
    names = listed([*formula.witness])
    return f"{names} vary" if len(formula.witness) > 1 else f"{names} varies"


def _varied(formula: DerivedFormula) -> str:
    return ", ".join([f"{name} = {value:,}" for name, value in formula.witness.items()])


def _numbers(formula: DerivedFormula) -> str:
    return ", ".join(
        [
            f"{METRICS[word].title} {exact(number, METRICS[word].unit)}"
            for word, number in formula.numbers.items()
        ]
    )
