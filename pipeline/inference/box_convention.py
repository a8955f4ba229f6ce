"""What each detector calls a face's box, brought to the one convention of the product: forehead to chin."""

from dataclasses import dataclass

from pipeline.types import Box


@dataclass(frozen=True, slots=True)
class BoxConvention:
    """An affine map from a detector's box to the annotators' box.

    The shifts of the centre are shares of the detector box's width and height, positive to the right and down;
    the scales multiply its sides.
    """

    shift_x: float = 0.0
    shift_y: float = 0.0
    scale_width: float = 1.0
    scale_height: float = 1.0

    def face_box(self, box: Box) -> Box:
        """Return the product's box of the face that the detector put into `box`."""
        x, y = box.center
        center = x + self.shift_x * box.width, y + self.shift_y * box.height
        return Box.around(center, self.scale_width * box.width, self.scale_height * box.height)


IDENTITY = BoxConvention()
"""For detectors whose boxes follow the annotators' already, and for measuring a new one."""
