"""The words for a check: its sentence, its why and its mending, the same in every format."""

from __future__ import annotations

from itertools import pairwise
from pathlib import PurePath

from bncalc.analysis.metric import METRICS
from bncalc.budget.verdict import RULES, Check, Status, Verdict
from bncalc.change.reasons import LayerChange, Why
from bncalc.errors import Location
from bncalc.mending.fix import Fix
from bncalc.printable import printable
from bncalc.quantity import first_few, plural
from bncalc.render.notes import resting_on
from bncalc.render.verdict.figures import exact, relative, signed
from bncalc.render.verdict.ranking import outcome

STATUS_WORDS: dict[Status, str] = {"fail": "FAIL", "warn": "WARN", "pass": "ok", "skip": "skip"}
_MOST_LAYERS = 4

Advice = tuple[tuple[str, str], ...]
"""Lines that help, each with its word: `why`, `fix`, `note`."""
DesignNames = dict[tuple[str, str], str]
"""What `labels` calls each design, by model and design."""


def title(check: Check) -> str:
    """Name what is checked: `params`, `MACs growth`, `head.fc: MACs share`."""
    name = RULES[check.rule].name
    kind = {"limit": "", "base": " growth"}.get(name, f" {name}")
    return _part(check) + _metric(check) + kind


def sentence(check: Check) -> str:
    """Say what was found, in exact numbers: `params 4,350,952 exceeds limit 4,000,000 by 350,952`.

    A part of a model is named first.
    """
    named = _part(check) + _metric(check)
    if check.bound is None or check.reason:
        return f"{named}: {printable(check.reason)}"
    if RULES[check.rule].name == "growth" and check.base is not None:
        return f"{named} {_grown(check, check.base, check.bound)}"
    return f"{named} {exact(check.value, check.metric)} {_held(check, check.bound)}"


def sentence_at(check: Check, where: Location, names: DesignNames) -> str:
    """Return the sentence for a place; the design is named where that does not tell which it is."""
    label = names[check.subject.whole]
    beyond = label.removeprefix(printable(check.location.path))
    picked = beyond if beyond.startswith("@") else beyond.partition("#")[2]
    design = label if where is not check.location else picked
    return f"{design}: {sentence(check)}" if design else sentence(check)


def headline(check: Check, names: DesignNames) -> str:
    """Return a finding on one line: `path:line:col: BN101 sentence [budget]`."""
    mark = "warning: " if check.status == "warn" else ""
    where, message = str(check.location), sentence_at(check, check.location, names)
    return f"{where}: {check.rule} {mark}{message} [{printable(check.budget)}]"


def _metric(check: Check) -> str:
    named = METRICS[check.metric].name
    return f"{named} on {printable(check.device)}" if check.device else named


def _part(check: Check) -> str:
    return f"{printable(check.subject.path)}: " if check.subject.path else ""


def _held(check: Check, bound: int) -> str:
    """Say how a number stands to its bound."""
    allowed = exact(bound, check.metric)
    if RULES[check.rule].name == "least":
        if check.value < bound:
            return f"is less than {allowed} by {exact(bound - check.value, check.metric)}"
        return f"is at least {allowed}"
    limit = f"{'warning limit' if check.status == 'warn' else 'limit'} {allowed}"
    if RULES[check.rule].name == "share":
        limit = f"{check.written} of the model, {allowed},"
    if check.value > bound:
        return f"exceeds {limit} by {exact(check.value - bound, check.metric)}"
    return f"is within {limit}"


def _grown(check: Check, base: int, bound: int) -> str:
    """Say what became of the base, and what is allowed."""
    metric, delta = check.metric, check.value - base
    allowed = exact(bound - base, metric)
    if check.written.endswith("%"):
        allowed = f"{check.written} ({allowed})"
    if delta == 0:
        return f"is unchanged at {exact(base, metric)}"
    share = relative(delta, base)
    by = f"by {exact(abs(delta), metric)}" + (f" ({share})" if share else "")
    span = f"from {exact(base, metric)} to {exact(check.value, metric)}"
    if delta < 0:
        return f"fell {by}, {span}"
    return f"grew {by}, {span}; allowed {allowed}"


def helped(message: str, check: Check) -> str:
    """Return a message about a finding, and below it what helps with it."""
    return "\n".join([message, *(f"{word}: {line}" for word, line in advice(check))])


def explained(findings: list[Check]) -> list[list[tuple[Check, Advice]]]:
    """Put findings of a design that the same edits would mend together, to name these once.

    Each comes with what helps with it and not with the next one too.
    """
    groups: dict[tuple[object, ...], list[Check]] = {}
    for check in findings:
        helps = advice(check)
        design = check.subject.whole if helps else ()
        mending = [line for line in helps if line[0] != "why"]
        groups.setdefault((*design, *mending), []).append(check)
    return [
        [
            (check, tuple([line for line in advice(check) if line not in advice(after)]))
            for check, after in pairwise(checks)
        ]
        + [(checks[-1], advice(checks[-1]))]
        for checks in groups.values()
    ]


def paragraphs(findings: list[Check], names: DesignNames) -> list[str]:
    """Return findings a line each, and below each what helps with it."""
    return [
        "\n".join(
            "\n".join([headline(check, names), *(f"  {word:<4} {text}" for word, text in help)])
            for check, help in group
        )
        for group in explained(findings)
    ]


def skips(verdict: Verdict) -> tuple[str, ...]:
    """Say what was not checked and why, once for each design and reason."""
    names = labels(verdict)
    titles: dict[tuple[str, str], list[str]] = {}
    for check in verdict.checks:
        if check.status == "skip":
            label = names[check.subject.whole]
            titles.setdefault((label, printable(check.reason)), []).append(title(check))
    return tuple(
        f"{label}: {first_few([*dict.fromkeys(of)], _MOST_LAYERS)}: {reason}"
        for (label, reason), of in titles.items()
    )


def advice(check: Check) -> Advice:
    """Return what helps with a finding."""
    lines = []
    if check.why is not None and any(check.why):
        lines.append(("why", _why(check, check.why)))
    if check.fixes is not None:
        lines += [("fix", sentence) for sentence in _mending(check.fixes)]
    if check.unmended:
        lines.append(("fix", check.unmended))
    if check.message:
        lines.append(("note", printable(" ".join(check.message.split()))))
    return tuple(lines)


def _why(check: Check, why: Why) -> str:
    """Name the layers that made the difference, or without a base the largest, and the causes."""
    first, rest = why.layers[:_MOST_LAYERS], why.layers[_MOST_LAYERS:]
    is_new = all(row.old is None for row in why.layers)
    if check.base is None or (check.base == check.value and is_new):
        sizes = [f"{printable(row.path)} {exact(row.new or 0, check.metric)}" for row in first]
        more = f" and {len(rest):,} more" if rest and why.at else ""
        return f"{_at(why) or 'largest'}: {', '.join(sizes)}{more}"
    shown = [_difference(row, check.metric) for row in first]
    if rest:
        shown.append(f"{len(rest):,} more {signed(sum(row.delta for row in rest), check.metric)}")
    causes = [
        f"{printable(cause.field)} {printable(cause.old)} → {printable(cause.new)}"
        for cause in why.causes
    ]
    changed = [f"(changed: {', '.join(causes)})"] if causes else []
    at = f"{_at(why)}: " if why.at else ""
    return at + " ".join([", ".join(shown), *changed]).strip()


def _at(why: Why) -> str:
    """Say where a memory is fullest."""
    return f"the peak is at {printable(why.at)}" if why.at else ""


def _difference(layer: LayerChange, metric: str) -> str:
    mark = " (new)" if layer.old is None else " (removed)" if layer.new is None else ""
    return f"{printable(layer.path)} {signed(layer.delta, metric)}{mark}"


def _mending(fixes: tuple[Fix, ...]) -> list[str]:
    """Say each single edit in a sentence."""
    return [
        printable(
            f"{fix.field} {fix.bound} {fix.new} (now {fix.old}) meets {' and '.join(fix.meets)}"
        )
        for fix in fixes
    ] or ["no single edit meets it"]


def verdict_line(verdict: Verdict) -> str:
    """Return the last word: `FAIL: 2 of 6 checks failed, 1 warning, 3 passed (1 model).`

    What was only skipped is not called ok.
    """
    failed, warned = verdict.count("fail"), verdict.count("warn")
    passed, skipped = verdict.count("pass"), verdict.count("skip")
    parts = [f"{failed:,} of {plural(len(verdict.checks), 'check')} failed"] if failed else []
    parts += [plural(warned, "warning")] if warned else []
    if passed:
        parts.append(f"{passed:,} passed" if parts else f"{plural(passed, 'check')} passed")
    if outcome(verdict) == "skip":
        parts.append("nothing was checked")
    parts += [f"{skipped:,} skipped"] if skipped else []
    models = plural(len(labels(verdict)), "model")
    return f"{STATUS_WORDS[outcome(verdict)]}: {', '.join(parts)} ({models})."


def remarks(verdict: Verdict) -> tuple[str, ...]:
    """Return what is to be said of the check as a whole."""
    return tuple([printable(note.text) for note in verdict.notes])


def labels(verdict: Verdict) -> DesignNames:
    """Return what to call each design: its model as the call named it, with a name where needed."""
    designs = dict.fromkeys(check.subject.whole for check in verdict.checks)
    count: dict[str, int] = {}
    for model, _ in designs:
        count[model] = count.get(model, 0) + 1
    return {
        (model, design): printable(model if count[model] == 1 else _picked(model, design))
        for model, design in designs
    }


def _picked(model: str, design: str) -> str:
    """Return the name that picks a design; what the call sets stands at its end, once.

    A scale is called after its file, `yolo11#n`; else a name may hold such a sign of its own.
    """
    title, at, settings = design.partition("@")
    model = model.removesuffix(at + settings) if at else model
    return f"{model}#{title.removeprefix(f'{PurePath(model).stem}#')}{at}{settings}"


def context_line(verdict: Verdict) -> str:
    """Say what the numbers rest on: the budgets, the base, the input, the assumptions."""
    parts = [printable(verdict.source)]
    parts += [f"base {printable(verdict.base)}"] if verdict.base else []
    parts += [f"input {'×'.join(map(str, verdict.input))}"] if verdict.input else []
    parts += resting_on(verdict.assumptions, {check.metric for check in verdict.checks})
    return ", ".join(parts)
