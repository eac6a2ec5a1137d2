"""SVG: elements as text, with colours of a theme; the same drawing gives the same bytes."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from bncalc.named import NamedTuple
from bncalc.printable import printable
from bncalc.render.breadth import breadth, shortened


class Theme(NamedTuple):
    """Colours by what they are for; `series` are those of kinds that are told apart."""

    paper: str
    ink: str
    muted: str
    grid: str
    series: tuple[str, ...]
    accent: str

    def shade(self, level: int) -> float:
        """Return how opaque a deeper level is drawn."""
        return min(0.28 + 0.18 * level, 1.0)


LIGHT = Theme(
    paper="#ffffff",
    ink="#1f2328",
    muted="#59636e",
    grid="#e4e8ec",
    series=("#0969da", "#bc4c00", "#8250df", "#1a7f37", "#9a6700", "#bf3989"),
    accent="#cf222e",
)
DARK = Theme(
    paper="#0d1117",
    ink="#e6edf3",
    muted="#9198a1",
    grid="#262c36",
    series=("#4493f8", "#f0883e", "#ab7df8", "#3fb950", "#d29922", "#f778ba"),
    accent="#ff7b72",
)
PAGE = Theme(
    paper="none",
    ink="var(--ink)",
    muted="var(--muted)",
    grid="var(--grid)",
    series=tuple(f"var(--series-{number})" for number in range(1, 7)),
    accent="var(--accent)",
)
"""For a drawing within a page, whose style sheet has the colours of both themes."""

THEMES = {"light": LIGHT, "dark": DARK}
FONT = "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif"
CHARACTER = 0.6
"""How wide a character is, in sizes of the font: that of the widest font named above."""


def text_width(text: str, size: float = 12) -> float:
    """Return about how wide a text is drawn."""
    return CHARACTER * size * breadth(text)


def fitted(text: str, room: float, size: float = 12) -> str:
    """Cut a name from the left to so many pixels."""
    return shortened(text, int(room / text_width("x", size)))


def number(value: float) -> str:
    """Write a coordinate to a tenth."""
    return f"{value:.1f}".removesuffix(".0").replace("-0", "0" if value > -0.05 else "-0")


class Drawing:
    """A picture that grows element by element. Coordinates are pixels from the top left."""

    def __init__(self, width: float, height: float, title: str, description: str) -> None:
        self.width = width
        self.height = height
        self.title = title
        self.description = description
        self._elements: list[str] = []

    def heading(self, theme: Theme) -> None:
        """Write the title above the picture."""
        self.text(0, 14, fitted(self.title, self.width), theme.ink, bold=True)

    def rectangle(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        fill: str,
        *,
        opacity: float = 1,
        tip: str = "",
    ) -> None:
        """Draw a filled rectangle; `tip` is told where a pointer rests on it."""
        shape = (
            f'<rect x="{number(x)}" y="{number(y)}" width="{number(width)}" '
            f'height="{number(height)}" fill="{fill}"{_opacity(opacity)}'
        )
        self._add(shape, "rect", tip)

    def polygon(
        self, points: list[tuple[float, float]], fill: str, *, opacity: float, tip: str
    ) -> None:
        """Draw a filled shape with straight sides."""
        self._add(
            f'<polygon points="{_points(points)}" fill="{fill}"{_opacity(opacity)}', "polygon", tip
        )

    def line(
        self,
        points: list[tuple[float, float]],
        stroke: str,
        *,
        width: float = 1,
        dashed: bool = False,
    ) -> None:
        """Draw a line through points."""
        dashes = ' stroke-dasharray="3 3"' if dashed else ""
        self._elements.append(
            f'<polyline points="{_points(points)}" fill="none" stroke="{stroke}" '
            f'stroke-width="{number(width)}"{dashes}/>'
        )

    def circle(
        self, x: float, y: float, radius: float, stroke: str, *, filled: bool, tip: str = ""
    ) -> None:
        """Draw a point: filled, or only its rim."""
        fill = stroke if filled else "none"
        shape = (
            f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(radius)}" fill="{fill}" '
            f'stroke="{stroke}" stroke-width="1.5"'
        )
        self._add(shape, "circle", tip)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        fill: str,
        *,
        size: float = 12,
        anchor: str = "start",
        bold: bool = False,
        halo: str = "",
    ) -> None:
        """Write text whose base line is at y; `halo` is the colour of a rim around it."""
        weight = ' font-weight="600"' if bold else ""
        rim = f' stroke="{halo}" stroke-width="3" paint-order="stroke"' if halo else ""
        where = "" if anchor == "start" else f' text-anchor="{anchor}"'
        self._elements.append(
            f'<text x="{number(x)}" y="{number(y)}" font-size="{number(size)}" fill="{fill}"'
            f"{where}{weight}{rim}>{_escaped(text)}</text>"
        )

    def render(self, theme: Theme) -> str:
        """Return the picture as a document of its own, or as an element of a page."""
        paper = ""
        if theme.paper != "none":
            paper = (
                f'<rect width="{number(self.width)}" height="{number(self.height)}" '
                f'fill="{theme.paper}"/>\n'
            )
        size = f"{number(self.width)} {number(self.height)}"
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" role="img" '
            f'aria-label={_quoted(self.title)} font-family="{FONT}">\n'
            f"<title>{_escaped(self.title)}</title>\n<desc>{_escaped(self.description)}</desc>\n"
            f"{paper}" + "\n".join(self._elements) + "\n</svg>\n"
        )

    def _add(self, shape: str, name: str, tip: str) -> None:
        end = f"><title>{_escaped(tip)}</title></{name}>" if tip else "/>"
        self._elements.append(shape + end)


def _points(points: list[tuple[float, float]]) -> str:
    return " ".join(f"{number(x)},{number(y)}" for x, y in points)


def _opacity(opacity: float) -> str:
    return "" if opacity == 1 else f' fill-opacity="{opacity:.2f}"'


def _escaped(text: str) -> str:
    return escape(printable(text))


def _quoted(text: str) -> str:
    return quoteattr(printable(text))
