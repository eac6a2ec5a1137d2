"""Settings: the text after `@NAME=` or `--set NAME=`, read as YAML."""

import re

from bncalc.errors import SpecError, UsageError
from bncalc.language.nodes import MappingNode, SequenceNode, YamlNode

_SECOND = r",\s*([^\W\d]\w*)\s*="
_FLOW = ("[", "{", "'", '"')


def setting_value(name: str, text: str) -> object:
    """Return the value of a setting: a YAML scalar, or a tuple of them where commas part them.

    A formula stays text. Raises UsageError for what is not YAML, or two settings in one.
    """
    if second := re.search(_SECOND, text):
        first = text[: second.start()]
        right = f"@{name}={first}@{text[second.start() + 1 :].strip()}"
        raise UsageError(
            f"{name}={text} sets several variables in one; write --set for each, or {right}"
        )
    if text.startswith(_FLOW):
        from bncalc.language.source import read

        try:
            return _plain(read(text, name))
        except SpecError as error:
            raise UsageError(f"{name}={text}: {error.problems[0].message}") from None
    if "," in text and not text.startswith("="):
        return tuple([_scalar(name, part) for part in text.removesuffix(",").split(",")])
    return _scalar(name, text)


def _scalar(name: str, text: str) -> object:
    from bncalc.language.scalar import PLAIN_WORDS, number_of  # most names set nothing

    text = text.strip()
    if text in PLAIN_WORDS:
        return PLAIN_WORDS[text]
    try:
        return number_of(text)
    except OverflowError:
        raise UsageError(f"{name}={text}: the number has too many digits") from None


def _plain(node: YamlNode) -> object:
    if isinstance(node, SequenceNode):
        return tuple([_plain(item) for item in node.items])
    if isinstance(node, MappingNode):
        return {key.text: _plain(value) for key, value in node.entries}
    return node.value
