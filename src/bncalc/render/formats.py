"""The formats of an answer: each with its word, who writes it, and the suffix that asks for it."""

from enum import StrEnum


class Format(StrEnum):
    """The forms in which a command can answer; `place` is who renders a table so."""

    place: str
    suffix: str

    def __new__(cls, word: str, place: str, suffix: str) -> "Format":
        format = str.__new__(cls, word)
        format._value_ = word
        format.place = place
        format.suffix = suffix
        return format

    table = "table", "render.terminal:render", ""
    markdown = "markdown", "render.markdown:render", ".md"
    csv = "csv", "render.csv:render", ".csv"
    json = "json", "", ".json"  # not a table: each command has its document
    latex = "latex", "render.latex:render", ".tex"


BY_SUFFIX = {format.suffix: format for format in Format if format.suffix}
