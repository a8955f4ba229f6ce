"""What makes verdicts on a camera's pictures worse, and what helps, in sentences for people."""

from collections.abc import Mapping

from pipeline.vision.flaws import BLURRED, FACES_TOO_SMALL, TOO_DARK

UNFIT_BELOW, FIT_FROM = 0.4, 0.5
"""The first is that of the alert MaskstreamCameraUnfit; what lies between changes nothing: a hint does not flicker."""

NEWEST_SHARE = 0.1
"""Of a running mean: workers tell every two seconds, so that who walks by the lens makes no camera dark."""

REMEDIES: Mapping[str, str] = {
    TOO_DARK: "too dark: light the faces, or let the camera expose longer",
    BLURRED: "blurred: clean the lens, focus it, or raise the camera's bit rate",
}


class CameraFitness:
    """Follows how fit the pictures of one stream are; its owner guards it with a lock."""

    def __init__(self) -> None:
        self._means: dict[str, float] = {}
        self._unfit: set[str] = set()

    def take(self, fitness: Mapping[str, float]) -> None:
        """Take how fit the picture is now, from 0 (unfit) to 1 (fit), by what it may suffer from."""
        for reason, value in fitness.items():
            mean = self._means.get(reason, value)
            self._means[reason] = mean = mean + NEWEST_SHARE * (value - mean)
            if mean < UNFIT_BELOW:
                self._unfit.add(reason)
            elif mean >= FIT_FROM:
                self._unfit.discard(reason)

    def hints(self, tiles: tuple[int, int] | None) -> tuple[str, ...]:
        """Return a sentence for each flaw; `tiles` are the columns and rows that are looked at, None the automatic."""
        hints = [remedy for reason, remedy in REMEDIES.items() if reason in self._unfit]
        if FACES_TOO_SMALL in self._unfit:
            hints.append(self._too_small(tiles))
        return tuple(hints)

    def _too_small(self, tiles: tuple[int, int] | None) -> str:
        share = 1 - self._means[FACES_TOO_SMALL]
        columns, rows = tiles or (1, 1)
        remedy = "try tiles: 2x2, " if columns * rows < 4 else ""
        return (
            f"faces too small: {share:.0%} of the last persons never came near enough to be judged; "
            f"{remedy}zoom in, move the camera nearer, or have it send a larger picture"
        )
