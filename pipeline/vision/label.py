"""Labels on a picture: what stands in them, how large they are, and where they find room."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.types import MaskState
from pipeline.vision.canvas import Area, Canvas, Strokes, text_width

COLORS: dict[MaskState, tuple[int, int, int]] = {
    MaskState.MASKED: (0, 158, 115),
    MaskState.INCORRECT: (230, 159, 0),
    MaskState.UNMASKED: (213, 94, 0),
    MaskState.UNKNOWN: (153, 153, 153),
}
"""RGB of the palette of Okabe and Ito (2008), told apart by colour-blind eyes: bluish green, orange, vermillion."""

SIGNS: dict[MaskState, Strokes] = {
    MaskState.MASKED: (((0.05, 0.55), (0.4, 0.9), (0.95, 0.1)),),
    MaskState.INCORRECT: (((0.5, 0.0), (0.5, 0.6)), ((0.5, 0.92), (0.5, 1.0))),
    MaskState.UNMASKED: (((0.1, 0.1), (0.9, 0.9)), ((0.9, 0.1), (0.1, 0.9))),
    MaskState.UNKNOWN: (((0.1, 0.5), (0.9, 0.5)),),
}
"""A tick, an exclamation mark, a cross and a dash: they tell the state without any colour."""

LEAST_ROWS_IN_BOX = 3
"""A label in a box of less than so many times its height would hide the face."""


@dataclass(frozen=True, slots=True)
class Style:
    """Sizes in pixels, by the shorter side of the picture; lines are even, so that chroma ends where they do."""

    capital_px: int
    line_px: int
    halo_px: int

    @classmethod
    def for_size(cls, width: int, height: int) -> "Style":
        """Return the sizes for a picture: 9 px capitals at 270 lines (the least one can read), 23 px at 1080."""
        side = min(width, height)
        line_px = max(2, round(side / 540) * 2)
        return cls(min(96, max(9, round(side / 48))), line_px, max(2, line_px // 4 * 2))

    @property
    def padding_px(self) -> int:
        """The margin of a text on each side: what the font's descenders and brackets need."""
        return (self.capital_px + 1) // 2

    @property
    def row_px(self) -> int:
        """The height of a line of text, and the side of a sign."""
        return _even(self.capital_px + 2 * self.padding_px)


@dataclass(frozen=True, slots=True)
class Label:
    """The sign of a state, on its colour, then a text; either may be missing."""

    text: str
    state: MaskState | None = None

    def width(self, style: Style) -> int:
        sign = style.row_px if self.state else 0
        words = text_width(self.text, style.capital_px) + 2 * style.padding_px if self.text else 0
        return _even(sign + words)

    def at(self, left: int, top: int, style: Style) -> Area:
        """Return the area that the label covers with its corner there."""
        return Area(left, top, left + self.width(style), top + style.row_px)


def draw_label(canvas: Canvas, label: Label, area: Area, style: Style) -> None:
    """Draw the sign dark on its state's colour, then the text light on whatever lies under `area`.

    Dark text on a colour would take the colour's chroma, and lose its contrast.
    """
    padding_px, row_px = style.padding_px, style.row_px
    words_left = area.left + padding_px
    if label.state:
        canvas.fill(Area(area.left, area.top, area.left + row_px, area.bottom), canvas.ink(COLORS[label.state]))
        canvas.sign(SIGNS[label.state], (area.left + padding_px, area.top + padding_px), row_px - 2 * padding_px)
        words_left += row_px
    canvas.text(label.text, (words_left, area.top + padding_px + style.capital_px), style.capital_px)


def place(
    labels: Sequence[Label], box: Area, room: Area, taken: Sequence[Area], style: Style
) -> tuple[Label, Area] | None:
    """Return the first of `labels` (longest first) that finds its place at `box`, and where; None without any place.

    A place is above or below the box, or in a box of three times its height, inside `room` and on nothing `taken`;
    the last label, where it finds none, takes the corner of its own box, or covers what is taken.
    """
    inside = ((label, area) for label in labels for area in _spots(label, box, room, style) if room.contains(area))
    free = (spot for spot in inside if not any(spot[1].overlaps(other) for other in taken))
    return next(free, None) or _anyhow(labels[-1], box, room, style)


def _anyhow(label: Label, box: Area, room: Area, style: Style) -> tuple[Label, Area] | None:
    corner = label.at(box.left, box.top, style)
    spots = (corner,) if box.contains(corner) else _spots(label, box, room, style)
    return next(((label, area) for area in spots if room.contains(area)), None)


def _spots(label: Label, box: Area, room: Area, style: Style) -> Iterator[Area]:
    width = label.width(style)
    above, below = box.top - style.halo_px - style.row_px, box.bottom + style.halo_px
    for left in (box.left - style.halo_px, box.right + style.halo_px - width):
        clamped = max(room.left, min(left, (room.right - width) // 2 * 2))
        yield label.at(clamped, above, style)
        yield label.at(clamped, below, style)
    within = label.at(max(room.left, box.left), max(room.top, box.top), style)
    if box.contains(within) and box.height >= LEAST_ROWS_IN_BOX * style.row_px:
        yield within


def _even(length: int) -> int:
    return length + length % 2
