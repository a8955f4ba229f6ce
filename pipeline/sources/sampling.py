"""So many pictures a second of a recording, each standing until the next."""

from collections.abc import Iterable, Iterator
from math import floor

import av

TIME_TOLERANCE_S = 1e-6
"""Media times are sums of frame durations: three tenths of a second may be 0.29999999999999998 s."""


def sampled(
    pictures: Iterable[tuple[av.VideoFrame, float, float]], rate_per_s: float
) -> Iterator[tuple[av.VideoFrame, float, float]]:
    """Yield the first of `pictures` (each with its time and duration, in seconds) from each 1 / `rate_per_s` on.

    Where pictures are rarer each is yielded.
    """
    held: tuple[av.VideoFrame, float, float] | None = None
    due_s = 0.0
    for picture, media_s, duration_s in pictures:
        if held is None or media_s + TIME_TOLERANCE_S >= due_s:
            if held is not None:
                yield held
            held = picture, media_s, duration_s
            due_s = (floor((media_s + TIME_TOLERANCE_S) * rate_per_s) + 1) / rate_per_s
        else:
            held = *held[:2], media_s + duration_s - held[1]
    if held is not None:
        yield held
