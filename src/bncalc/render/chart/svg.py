"""SVG: elements as text, with colours of a theme, and as pixels by resvg, which is an extra."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from xml.sax.saxutils import escape, quoteattr

from bncalc.errors import UsageError
from bncalc.named import NamedTuple
from bncalc.printable import printable
from bncalc.render.breadth import breadth, shortened
from bncalc.render.chart.scale import Scale

WIDTH = 860
"""How wide pictures are, in pixels."""
MARGIN = 12
"""How far a picture is from the edges of its paper."""
LEFT = 70
"""How far from the left an axis of values begins."""
Place = tuple[float, float]


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

    def __init__(self, theme: Theme, height: float, title: str, description: str) -> None:
        self.theme = theme
        self.height = height
        self.title = title
        self.description = description
        self._elements: list[str] = []

    def heading(self) -> None:
        """Write the title above the picture."""
        self.text(0, 14, fitted(self.title, WIDTH), self.theme.ink, bold=True)

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
        sides = {"x": x, "y": y, "width": width, "height": height}
        self._add("rect", _title(tip), **sides, fill=fill, fill_opacity=_opacity(opacity))

    def polygon(self, points: list[Place], fill: str, *, opacity: float, tip: str) -> None:
        """Draw a filled shape with straight sides."""
        shade = _opacity(opacity)
        self._add("polygon", _title(tip), points=_points(points), fill=fill, fill_opacity=shade)

    def line(
        self, points: list[Place], stroke: str, *, width: float = 1, dashed: bool = False
    ) -> None:
        """Draw a line through points."""
        dashes = "3 3" if dashed else ""
        style = {"stroke": stroke, "stroke_width": number(width), "stroke_dasharray": dashes}
        self._add("polyline", points=_points(points), fill="none", **style)

    def point(self, x: float, y: float, stroke: str, *, filled: bool, tip: str) -> None:
        """Draw a point: filled, or only its rim."""
        style = {"fill": stroke if filled else "none", "stroke": stroke, "stroke_width": "1.5"}
        self._add("circle", _title(tip), cx=x, cy=y, r="4", **style)

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
        style = {"text_anchor": "" if anchor == "start" else anchor}
        style |= {"font_weight": "600"} if bold else {}
        style |= {"stroke": halo, "stroke_width": "3", "paint_order": "stroke"} if halo else {}
        self._add("text", _escaped(text), x=x, y=y, font_size=size, fill=fill, **style)

    def grid(
        self,
        scale: Scale,
        values: Iterable[float],
        write: Callable[[float], str],
        left: float = LEFT,
        right: float = WIDTH,
    ) -> None:
        """Draw a line across at each value of an axis that goes up, and the value left of it."""
        for value in values:
            y = scale.place(value)
            self.line([(left, y), (right, y)], self.theme.grid)
            self.text(left - 8, y + 4, write(value), self.theme.muted, size=11, anchor="end")

    def render(self) -> str:
        """Return the picture as a document of its own, or as an element of a page."""
        is_alone = self.theme.paper != "none"
        edge = -MARGIN if is_alone else 0
        width, height = number(WIDTH - 2 * edge), number(self.height - 2 * edge)
        paper = f'<rect x="{edge}" y="{edge}" width="{width}" height="{height}" '
        paper = f'{paper}fill="{self.theme.paper}"/>\n' if is_alone else ""
        size = f"{edge} {edge} {width} {height}"
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{size}" role="img" '
            f'aria-label={quoteattr(printable(self.title))} font-family="{FONT}">\n'
            f"<title>{_escaped(self.title)}</title>\n<desc>{_escaped(self.description)}</desc>\n"
            f"{paper}" + "\n".join(self._elements) + "\n</svg>\n"
        )

    def _add(self, name: str, content: str = "", **attributes: str | float) -> None:
        """Add an element; an attribute that is an empty text is left out."""
        written = [
            f' {key.replace("_", "-")}="{value if isinstance(value, str) else number(value)}"'
            for key, value in attributes.items()
            if value != ""
        ]
        end = f">{content}</{name}>" if content else "/>"
        self._elements.append(f"<{name}{''.join(written)}{end}")


def _points(points: list[Place]) -> str:
    return " ".join(f"{number(x)},{number(y)}" for x, y in points)


def _opacity(opacity: float) -> str:
    return "" if opacity == 1 else f"{opacity:.2f}"


def _title(tip: str) -> str:
    return tip and f"<title>{_escaped(tip)}</title>"


def _escaped(text: str) -> str:
    return escape(printable(text))


def png(svg: str) -> bytes:
    """Return the picture as PNG, two pixels for each of the SVG; raise UsageError without resvg."""
    try:
        from resvg_py import svg_to_bytes
    except ImportError:
        message = "PNG needs resvg: pip install 'bncalc[png]', or write an .svg file"
        raise UsageError(message) from None
    return bytes(svg_to_bytes(svg_string=svg, zoom=2))
