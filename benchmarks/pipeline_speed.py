"""`pipeline`: frames a second of the whole product on clips, beside decoding alone and beside what users write."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TypeAlias

from benchmarks.crowd import CROSSING_S, Crowd
from benchmarks.crowd_clip import Shelf
from benchmarks.loop_models import STAND_IN
from benchmarks.plots import bars
from benchmarks.report_part import Goal, Part, Table
from benchmarks.rounds import Contender, Rounds, interleaved
from benchmarks.timed_run import run_module
from pipeline.inference.model_files import CPU_PREFERENCE, default_model

DECODE, ENCODE, OURS, ANNOTATED = "decode alone", "decode + encode alone", "maskstream", "maskstream, with video"
SAMPLED = "maskstream --sample 5"
KERAS_LOOP, SUPERVISION = "users' loop, Keras", "supervision, ONNX Runtime int8"
FP32_LOOP, ORT_LOOP = "users' loop, ONNX Runtime fp32", "users' loop, ONNX Runtime int8"

METHOD = f"""Frames a second of all streams together, and CPU time a frame of all threads: the median of the rounds \
(lowest-highest). In each round every program runs once, one after the other, in a process of its own, and a ratio is \
taken within its round. Start-up (imports, models, opening) is left out everywhere.

- *{DECODE}*: PyAV, a thread a stream, the frames discarded. *{ENCODE}*: the same, then the product's own encoder.
- *{OURS}*: `maskstream process --no-video` with its defaults, every frame decoded, until its tables are closed; \
*{ANNOTATED}*: with `annotated.mp4`; *{SAMPLED}*: five frames a second are looked at, and all of the clip count.
- *users' loop* (`benchmarks/users_loop.py`): `cv2.VideoCapture`, MediaPipe on each frame, the model once a face, \
`cv2.VideoWriter`; over a few frames where it is slow. On Keras it has the model that `--keras` names, or one of the \
same architecture and input size whose weights are drawn: that costs the same. *fp32* is what tf2onnx makes of that \
model, which is what people run; *int8* is the product's own file, which nobody would have without it: the harder \
opponent. *{SUPERVISION}*: the same on that library's helpers.
- Clips: H.264 at 0.08 bits a pixel (4 Mbit/s at 1080p); each person crosses the picture in {CROSSING_S:g} s, then the \
next comes."""


SIZES = {"1080p": (1920, 1080), "720p": (1280, 720)}
Scene: TypeAlias = tuple[str, int]
"""A name of `SIZES`, and how many faces are in the picture."""


@dataclass(frozen=True, slots=True)
class Case:
    """So many streams, each of the same clip; `slow_loops` has what users write run on it too.

    `with_video` has ours write video, and `with_options` has it sample, and the limit of writing video run as well.
    """

    name: str
    clip: Path
    streams: int = 1
    slow_loops: bool = False
    with_video: bool = False
    with_options: bool = False


@dataclass(frozen=True, slots=True)
class Effort:
    """How long the part may take: rounds, crossings in a clip, frames of the loop on Keras, and the scenes.

    Those of `once` run in the first round alone.
    """

    rounds: int
    crossings: int
    keras_frames: int
    scenes: tuple[Scene, ...]
    loop_scenes: tuple[Scene, ...]
    once: tuple[str, ...] = ()


_ALL = tuple((size, faces) for size in SIZES for faces in (0, 1, 4, 16))
_LOOPS = (KERAS_LOOP, FP32_LOOP, ORT_LOOP, SUPERVISION)
QUICK = Effort(2, 2, 4, (("1080p", 1), ("1080p", 4)), (("1080p", 4),), once=_LOOPS)
FULL = Effort(5, 6, 40, _ALL, _ALL)
ORT_FRAMES_FACTOR = 8


@dataclass(frozen=True, slots=True)
class Extras:
    """`keras` is the users' model, `as_exported` the same as ONNX in floats; `clip` stands in for the rendered ones."""

    keras: Path | None = None
    clip: Path | None = None
    as_exported: Path | None = None


def run(shelf: Shelf, effort: Effort, extras: Extras) -> Part:
    """Measure on clips of the shelf, or on the user's own."""
    cases = [_own(extras.clip)] if extras.clip else _rendered(shelf, effort)
    measured = {case.name: _measured(case, effort, extras) for case in cases}
    return part(measured, list(_missing(extras)))


def _measured(case: Case, effort: Effort, extras: Extras) -> dict[str, Rounds]:
    return interleaved(_contenders(case, effort, extras), effort.rounds, effort.once)


def _own(clip: Path) -> Case:
    return Case(clip.name, clip, slow_loops=True, with_video=True, with_options=True)


def _rendered(shelf: Shelf, effort: Effort) -> list[Case]:
    crowds = [Crowd(*SIZES[size], faces) for size, faces in effort.scenes]
    clips = shelf.clips(crowds, effort.crossings)
    return [case for scene, clip in zip(effort.scenes, clips, strict=True) for case in _cases(scene, clip, effort)]


def _cases(scene: Scene, clip: Path, effort: Effort) -> Iterator[Case]:
    """Yield what is run on the clip of a scene: what has a goal to meet runs at 1080p, with one face or four."""
    has_goals = scene[0] == "1080p" and scene[1] in (1, 4)
    yield Case(_name(*scene), clip, 1, scene in effort.loop_scenes, has_goals, scene == ("1080p", 1))
    if has_goals:
        yield Case(_name(*scene, 2), clip, 2)


def _name(size: str, faces: int, streams: int = 1) -> str:
    people = f"{faces} face{'' if faces == 1 else 's'}"
    return f"{size}, {people}" if streams == 1 else f"{streams} x {size}, {people}"


def _contenders(case: Case, effort: Effort, extras: Extras) -> dict[str, Contender]:
    clips = [case.clip] * case.streams
    contenders: dict[str, Contender] = {
        DECODE: partial(run_module, "benchmarks.decode_alone", clips),
        OURS: partial(run_module, "benchmarks.our_pipeline", clips),
    }
    if case.with_options:
        contenders[SAMPLED] = partial(run_module, "benchmarks.our_pipeline", ["--sample", "5", *clips])
        contenders[ENCODE] = partial(run_module, "benchmarks.decode_alone", ["--encode", *clips])
    if case.with_video:
        contenders[ANNOTATED] = partial(run_module, "benchmarks.our_pipeline", ["--video", *clips])
    return contenders | (_loops(case, effort, extras) if case.slow_loops else {})


def _loops(case: Case, effort: Effort, extras: Extras) -> dict[str, Contender]:
    shipped, frames = default_model(CPU_PREFERENCE), effort.keras_frames * ORT_FRAMES_FACTOR
    loops = {ORT_LOOP: _loop("benchmarks.users_loop", case, shipped, frames)}
    if extras.as_exported is not None:
        loops[FP32_LOOP] = _loop("benchmarks.users_loop", case, extras.as_exported, frames)
    if _is_installed("supervision"):
        loops[SUPERVISION] = _loop("benchmarks.supervision_loop", case, shipped, frames)
    if _is_installed("keras"):
        loops[KERAS_LOOP] = _loop("benchmarks.users_loop", case, extras.keras or STAND_IN, effort.keras_frames)
    return loops


def _loop(module: str, case: Case, model: Path, frames: int) -> Contender:
    return partial(run_module, "benchmarks.loop_models", [module, case.clip, model, str(frames)])


def _is_installed(package: str) -> bool:
    return find_spec(package) is not None


def _missing(extras: Extras) -> Iterator[str]:
    if extras.as_exported is None:
        yield f"*{FP32_LOOP}* is left out of the quick rounds: the export takes too long."
    if not _is_installed("keras"):
        yield f"*{KERAS_LOOP}* is missing: Keras is not installed (`pip install 'maskstream[train]'`)."
    if not _is_installed("supervision"):
        yield f"*{SUPERVISION}* is missing: `pip install supervision` first."


def part(measured: Mapping[str, Mapping[str, Rounds]], missing: Sequence[str]) -> Part:
    """Return what was measured, by case and contender, as a part of the report."""
    head = ("clip", "program", "frames a second", "CPU ms a frame", "against decode alone", "classified a frame")
    rows = tuple(_row(case, name, found) for case, found in measured.items() for name in found)
    shown = {case: {name: each.frames_per_s for name, each in found.items()} for case, found in measured.items()}
    return Part(
        "pipeline",
        METHOD,
        (Table("Frames a second", head, rows),),
        tuple(_goals(measured)),
        tuple(missing),
        {"pipeline.png": bars(shown, "frames a second")},
        {case: {name: asdict(each) for name, each in found.items()} for case, found in measured.items()},
    )


def _row(case: str, name: str, found: Mapping[str, Rounds]) -> tuple[str, ...]:
    rounds = found[name]
    last = rounds.runs[-1]
    asked = "" if last.asked is None else f"{last.asked / last.frames:.1f}"
    against = str(rounds.speed_against(found[DECODE]))
    return case, name, str(rounds.frames_per_s), str(rounds.cpu_ms_per_frame), against, asked


def _goals(measured: Mapping[str, Mapping[str, Rounds]]) -> Iterator[Goal]:
    """Yield the goals whose cases were measured."""
    one, four = _name("1080p", 1), _name("1080p", 4)
    asked = (
        ("one stream, one face, against decode alone", 0.8, (one, OURS, DECODE)),
        ("two streams, one face, against decode alone", 0.6, (_name("1080p", 1, 2), OURS, DECODE)),
        ("two streams, four faces, against decode alone", 0.5, (_name("1080p", 4, 2), OURS, DECODE)),
        ("one stream, one face, --sample 5, against decode alone", 1.5, (one, SAMPLED, DECODE)),
        ("with annotated video, against decode + encode alone", 0.9, (one, ANNOTATED, ENCODE)),
        ("four faces, against the users' loop on Keras", 20.0, (four, OURS, KERAS_LOOP)),
        ("four faces, with video as the loop has, against the loop on Keras", 20.0, (four, ANNOTATED, KERAS_LOOP)),
        ("four faces, against the users' loop on ONNX Runtime, fp32 as exported", 5.0, (four, OURS, FP32_LOOP)),
        ("four faces, with video as the loop has, against the loop on fp32", 5.0, (four, ANNOTATED, FP32_LOOP)),
        ("four faces, against the users' loop on ONNX Runtime, our int8 model", 5.0, (four, OURS, ORT_LOOP)),
        ("four faces, with video as the loop has, against the loop on int8", 5.0, (four, ANNOTATED, ORT_LOOP)),
    )
    for name, bar, (case, mine, theirs) in asked:
        found = measured.get(case, {})
        if mine in found and theirs in found:
            yield Goal(name, bar, found[mine].speed_against(found[theirs]))
