"""Text of the user's, made fit for a terminal, a log and a file: the one place that quotes it."""

import re

_COMMAND = re.compile(r"##(?=(?:vso|teamcity)?\[)")
"""Where Azure, TeamCity and old GitHub runners read a command, wherever in a line it is."""


def printable(text: str) -> str:
    r"""Return a text on one line; what cannot be printed is written out, as \x1b or \u202e.

    That is control characters, line breaks, marks of direction and halves of characters.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def without_commands(text: str) -> str:
    r"""Return what leaves us so that a CI service takes none of its lines for a command.

    Services read lines that begin with `::`, from either stream, whoever wrote them.
    """
    if "::" in text:
        text = re.sub(r"^(\s*):(?=:)", r"\1\\x3a", text, flags=re.MULTILINE)
    return _COMMAND.sub(r"#\\x23", text) if "##" in text else text
