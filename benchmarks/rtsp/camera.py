"""A camera that loops a clip by its clock, and whose faults are switched on and off while it is watched."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from benchmarks.rtsp.clip import AccessUnit, ClipFormat, EncodedClip, encoded
from benchmarks.rtsp.rtp import CLOCK_HZ

HANDSHAKE_TIMEOUT_S = 30.0
_DAMAGED_SHARE = 0.3
_HEADER_BYTES = 3
"""What is left alone of a payload, so that it is the decoder that finds the damage."""


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture that is due; `tick` counts them, `timestamp` is the camera's own clock in 1/90000 s."""

    tick: int
    unit: AccessUnit
    timestamp: int
    epoch: int


class Camera:
    """Picture n of the clip is taken at `started_s + n / frames_per_s`, whether anyone watches or not."""

    def __init__(self, clip_format: ClipFormat | None = None) -> None:
        self.clip: EncodedClip = encoded(clip_format or ClipFormat())
        self.started_s = time.monotonic()
        self._usual = self.clip
        self._changed = threading.Condition()
        self._is_frozen = self._is_damaging = False
        self._held_pictures = 0
        self._clock_jump_s = 0.0
        self._epoch = 0
        self._noise = random.Random(1)
        self._viewers = 0
        self._sent = 0

    def freeze(self) -> None:
        """Send nothing more and leave the line open; the pictures that fall due are lost."""
        self._change(_is_frozen=True)

    def resume(self) -> None:
        """Undo `freeze`, from the next key frame on."""
        self._change(_is_frozen=False, _epoch=self._epoch + 1)

    def hold(self, pictures: int) -> None:
        """Send nothing until so many pictures are overdue, then all of them at once."""
        self._change(_held_pictures=pictures)

    def jump_clock(self, seconds: float) -> None:
        """Move the timestamps of all later pictures."""
        self._change(_clock_jump_s=self._clock_jump_s + seconds)

    def damage(self) -> None:
        """Overwrite parts of every third packet until `heal`."""
        self._change(_is_damaging=True)

    def show(self, clip_format: ClipFormat) -> None:
        """Go over to another clip: to whom already watches the resolution or the rate changes within the stream."""
        self._change(clip=encoded(clip_format), _epoch=self._epoch + 1)

    def heal(self) -> None:
        """End every fault."""
        self._change(clip=self._usual, _is_frozen=False, _held_pictures=0, _is_damaging=False, _epoch=self._epoch + 1)

    def wait_for_viewers(self, count: int = 1) -> None:
        """Return when at least so many clients are being sent pictures."""
        self._wait(lambda: self._viewers >= count, f"{count} viewers of the camera")

    def wait_until_sent(self, count: int = 1) -> None:
        """Return when so many pictures more have gone out."""
        goal = self._sent + count
        self._wait(lambda: self._sent >= goal, f"{count} pictures to be sent")

    def age_s(self, number: int, now_s: float) -> float:
        """Return how long ago the picture with that drawn number was taken, which is less than a loop."""
        rate, count = self.clip.format.frames_per_s, self.clip.format.frame_count
        ticks = (now_s - self.started_s) * rate
        return (ticks - number) % count / rate

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Count a client while the context lasts."""
        self._change(_viewers=self._viewers + 1)
        try:
            yield
        finally:
            self._change(_viewers=self._viewers - 1)

    def next_shot(self, last: Shot | None, is_over: Callable[[], bool]) -> Shot | None:
        """Wait for the picture after `last` and return it, None when `is_over` first (see `wake`).

        The first one is a key frame, and so is the first after a freeze or a change of clips.
        """
        with self._changed:
            tick, epoch = self._tick_after(last), self._epoch
            while not is_over():
                if epoch != self._epoch:
                    tick, epoch = self._upcoming_key_tick(), self._epoch
                left_s = self._due_s(tick + self._held_pictures) - time.monotonic()
                if left_s <= 0 and not self._is_frozen:
                    self._held_pictures = 0
                    self._sent += 1
                    self._changed.notify_all()
                    return self._shot(tick)
                self._changed.wait(left_s if left_s > 0 else None)
        return None

    def wake(self) -> None:
        """Let `next_shot` look at `is_over` again."""
        self._change()

    def on_the_wire(self, payload: bytes) -> bytes:
        """Return the payload as it reaches the client: damaged now and then while the camera is `damage`d."""
        if not self._is_damaging or self._noise.random() > _DAMAGED_SHARE:
            return payload
        start = self._noise.randrange(_HEADER_BYTES, max(len(payload), _HEADER_BYTES + 1))
        noise = self._noise.randbytes(min(40, len(payload) - start))
        return payload[:start] + noise + payload[start + len(noise) :]

    def _tick_after(self, last: Shot | None) -> int:
        if last is not None and last.epoch == self._epoch:
            return last.tick + 1
        return self._upcoming_key_tick()

    def _upcoming_key_tick(self) -> int:
        clip_format = self.clip.format
        upcoming = int((time.monotonic() - self.started_s) * clip_format.frames_per_s) + 1
        while not self._unit(upcoming).is_key:
            upcoming += 1
        return upcoming

    def _shot(self, tick: int) -> Shot:
        stamp_s = tick / self.clip.format.frames_per_s + self._clock_jump_s
        return Shot(tick, self._unit(tick), round(stamp_s * CLOCK_HZ), self._epoch)

    def _unit(self, tick: int) -> AccessUnit:
        return self.clip.units[tick % len(self.clip.units)]

    def _due_s(self, tick: int) -> float:
        return self.started_s + tick / self.clip.format.frames_per_s

    def _change(self, **values: object) -> None:
        with self._changed:
            for name, value in values.items():
                setattr(self, name, value)
            self._changed.notify_all()

    def _wait(self, is_reached: Callable[[], bool], what: str) -> None:
        with self._changed:
            assert self._changed.wait_for(is_reached, HANDSHAKE_TIMEOUT_S), f"waited in vain for {what}"
