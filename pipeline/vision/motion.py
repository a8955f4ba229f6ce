"""How a face moves between two looks: a Kalman filter on its centre and size, in seconds and face sizes."""

import math
from dataclasses import dataclass, replace

from pipeline.types import Box


@dataclass(frozen=True, slots=True)
class MotionSettings:
    """Lengths are in face sizes, so that near and far faces move alike; all values are standard deviations.

    A velocity is a stationary Ornstein-Uhlenbeck process: `speed_sizes_per_s` wide, forgotten with `memory_s`. A
    constant velocity is its limit for a long memory; a finite one makes a hidden person slow down instead of
    sliding on, and keeps the uncertainty right for any interval between frames. Who comes into view walks: a new face
    is `first_speed_sizes_per_s` fast, which is 0.7 m/s (walkers have 1.4), and how fast it is tells by its second look.
    """

    speed_sizes_per_s: float = 1.5
    first_speed_sizes_per_s: float = 4.0
    memory_s: float = 1.0
    position_noise_sizes: float = 0.06
    size_noise_log: float = 0.1
    size_drift_log_per_s: float = 0.3


@dataclass(frozen=True, slots=True)
class Motion:
    """The belief about one face: centre and velocity in pixels, size in pixels, variances in face sizes.

    Both axes share one covariance, since they share noise and times: `center_var`, `cross_var`, `velocity_var`.
    """

    x: float
    y: float
    velocity_x: float
    velocity_y: float
    width: float
    height: float
    center_var: float
    cross_var: float
    velocity_var: float
    size_var: float

    @property
    def box(self) -> Box:
        return Box.around((self.x, self.y), self.width, self.height)

    @property
    def size_px(self) -> float:
        """The side of the square of equal area: steadier than the longer side when a head turns."""
        return math.sqrt(self.width * self.height)


def start_motion(box: Box, settings: MotionSettings) -> Motion:
    """Return the belief after the first sight of a face: at rest, but ready to be found moving."""
    x, y = box.center
    return Motion(
        x,
        y,
        0.0,
        0.0,
        box.width,
        box.height,
        settings.position_noise_sizes**2,
        0.0,
        settings.first_speed_sizes_per_s**2,
        settings.size_noise_log**2,
    )


def predict_motion(motion: Motion, elapsed_s: float, settings: MotionSettings) -> Motion:
    """Return the belief `elapsed_s` later: the integrated Ornstein-Uhlenbeck process, discretised exactly.

    Bar-Shalom, Li and Kirubarajan, Estimation with Applications to Tracking and Navigation, 2001, section 8.2.3.
    """
    memory_s, speed_var = settings.memory_s, settings.speed_sizes_per_s**2
    decay = math.exp(-elapsed_s / memory_s)
    reach_s = memory_s * (1 - decay)
    center_noise = speed_var * memory_s**2 * max(0.0, 2 * elapsed_s / memory_s - 3 + 4 * decay - decay**2)
    return replace(
        motion,
        x=motion.x + reach_s * motion.velocity_x,
        y=motion.y + reach_s * motion.velocity_y,
        velocity_x=decay * motion.velocity_x,
        velocity_y=decay * motion.velocity_y,
        center_var=motion.center_var + 2 * reach_s * motion.cross_var + reach_s**2 * motion.velocity_var + center_noise,
        cross_var=decay * (motion.cross_var + reach_s * motion.velocity_var) + speed_var * memory_s * (1 - decay) ** 2,
        velocity_var=decay**2 * motion.velocity_var + speed_var * (1 - decay**2),
        size_var=motion.size_var + settings.size_drift_log_per_s**2 * elapsed_s,
    )


def correct_motion(motion: Motion, box: Box, settings: MotionSettings) -> Motion:
    """Return the belief after the face was seen at `box` (Kalman 1960); sizes are corrected in logarithms."""
    innovation_var = motion.center_var + settings.position_noise_sizes**2
    center_gain, velocity_gain = motion.center_var / innovation_var, motion.cross_var / innovation_var
    size_gain = motion.size_var / (motion.size_var + settings.size_noise_log**2)
    x, y = box.center
    dx, dy = x - motion.x, y - motion.y
    return Motion(
        x=motion.x + center_gain * dx,
        y=motion.y + center_gain * dy,
        velocity_x=motion.velocity_x + velocity_gain * dx,
        velocity_y=motion.velocity_y + velocity_gain * dy,
        width=motion.width * (box.width / motion.width) ** size_gain,
        height=motion.height * (box.height / motion.height) ** size_gain,
        center_var=(1 - center_gain) * motion.center_var,
        cross_var=(1 - center_gain) * motion.cross_var,
        velocity_var=motion.velocity_var - velocity_gain * motion.cross_var,
        size_var=(1 - size_gain) * motion.size_var,
    )


def scale_motion(motion: Motion, sx: float, sy: float) -> Motion:
    """Return the belief in a frame that is `sx` times as wide and `sy` times as high."""
    return replace(
        motion,
        x=motion.x * sx,
        y=motion.y * sy,
        velocity_x=motion.velocity_x * sx,
        velocity_y=motion.velocity_y * sy,
        width=motion.width * sx,
        height=motion.height * sy,
    )
