"""Scalars: what a plain text stands for by the core schema of YAML 1.2."""

import re

MAX_DIGITS = 18

PLAIN_WORDS: dict[str, object] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_NUMBER = re.compile(
    r"(?P<decimal>[-+]?[0-9]+)|0o(?P<octal>[0-7]+)|0x(?P<hexadecimal>[0-9a-fA-F]+)"
    r"|(?P<float>[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?)"
    r"|(?P<special>[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))"
)
_FIRST = frozenset("0123456789+-.")
"""What a number begins with: most scalars are words, and none of these."""
_BASES = {"decimal": 10, "octal": 8, "hexadecimal": 16}


def number_of(text: str) -> object:
    """Return the number that a plain scalar stands for, or the text; OverflowError: too large."""
    if text[:1] not in _FIRST:
        return text
    match = _NUMBER.fullmatch(text)
    if not match or match.lastgroup is None:
        return text
    if match.lastgroup == "float":
        return float(text)
    if match.lastgroup == "special":
        return float(text.replace(".", ""))
    digits = match[match.lastgroup]
    # Counted before int() sees them: it refuses more than 4,300 digits, with a ValueError.
    number = (
        int(digits, _BASES[match.lastgroup]) if len(digits) <= 4 * MAX_DIGITS else 10**MAX_DIGITS
    )
    if abs(number) >= 10**MAX_DIGITS:
        raise OverflowError
    return number
