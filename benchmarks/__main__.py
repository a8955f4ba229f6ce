"""`python -m benchmarks`: the measurements behind the project's choices; the method stands in README.md beside this."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

from benchmarks.peer_wheels import default_cache
from pipeline.console import exit_code_of
from training.data_folder import DATA_VARIABLE, data_folder

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one benchmark, print its table, and return the exit code; an error is one sentence on stderr."""
    options = _parser().parse_args(arguments)
    return exit_code_of(lambda: print(options.run(options)))


def _detection(options: argparse.Namespace) -> str:
    from benchmarks.detection import as_json, run, table

    figures = run(options.data, options.model, classify=options.verdicts or options.model is not None)
    return as_json(figures) if options.json else table(figures)


def _boxes(options: argparse.Namespace) -> str:
    from benchmarks.boxes import as_json, run, table

    medians = run(options.data)
    return as_json(medians) if options.json else table(medians)


def _fitness(options: argparse.Namespace) -> str:
    from benchmarks.fitness import as_json, run, table

    figures = run(options.data)
    return as_json(figures) if options.json else table(figures)


def _blur(options: argparse.Namespace) -> str:
    from benchmarks.blur import as_json, run, table

    figures = run(options.data)
    return as_json(figures) if options.json else table(figures)


def _accuracy(options: argparse.Namespace) -> str:
    from benchmarks.accuracy import as_json, run, table

    found = run(options.data, options.split, options.model, options.peers or default_cache())
    return as_json(found) if options.json else table(found)


def _classifier(options: argparse.Namespace) -> str:
    from benchmarks.bench import as_json, markdown
    from benchmarks.classifier import FULL, QUICK, Extras, run
    from benchmarks.environment import environment

    with TemporaryDirectory(prefix="maskstream-classifier-") as folder:
        effort = QUICK if options.quick else FULL
        part = run(Path(folder), effort, Extras(options.keras, options.fp32, options.data))
    return (as_json if options.json else markdown)([part], environment())


def _policy(options: argparse.Namespace) -> str:
    from benchmarks.bench import as_json, markdown
    from benchmarks.environment import environment
    from benchmarks.moving_scenes import FULL, QUICK
    from benchmarks.policy import run

    found = run(options.data, QUICK if options.quick else FULL)
    return (as_json if options.json else markdown)([found], environment())


def _close_ups(options: argparse.Namespace) -> str:
    from benchmarks.close_ups import as_json, run, table
    from benchmarks.moving_scenes import FULL, QUICK

    figures = run(options.data, QUICK if options.quick else FULL)
    return as_json(figures) if options.json else table(figures)


def _overload(options: argparse.Namespace) -> str:
    from benchmarks.bench import as_json, markdown
    from benchmarks.environment import environment
    from benchmarks.overload import run

    found = run(options.times, options.seconds)
    return (as_json if options.json else markdown)([found], environment())


def _live(options: argparse.Namespace) -> str:
    from benchmarks.live import as_json, run, table

    figures = run(options.cameras, options.seconds, with_faults=options.faulty)
    return as_json(figures) if options.json else table(figures)


def _uploads(options: argparse.Namespace) -> str:
    from benchmarks.uploads import as_json, run, table

    result = run(options.count, options.at_once, options.rounds)
    return as_json(result) if options.json else table(result)


def _churn(options: argparse.Namespace) -> str:
    from benchmarks.churn import as_json, run, table

    result = run(options.cycles, options.reconnects)
    return as_json(result) if options.json else table(result)


def _soak(options: argparse.Namespace) -> str:
    from benchmarks.soak import run, table, write

    result = run(options.minutes, options.seed)
    write(result, options.out)
    return table(result)


def _bench(options: argparse.Namespace) -> str:
    from benchmarks.bench import BenchRequest, measure

    files = options.clip, options.keras, options.fp32
    return measure(BenchRequest(options.out, tuple(options.part), options.quick, *files))


def _screenshots(options: argparse.Namespace) -> str:
    from benchmarks.screenshots import run

    return run(options.out, options.minutes)


def _profile(_: argparse.Namespace) -> str:
    from benchmarks.frame_profile import run

    return run()


def _compare(options: argparse.Namespace) -> str:
    from benchmarks.compare import run

    return run(options.base, options.rounds)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="BENCHMARK")
    _add_judgements(commands)
    _add_services(commands)
    _add_bench(commands.add_parser("bench", help="as `maskstream bench`: what this machine can do"))
    commands.add_parser("profile", help="where a frame's time goes").set_defaults(run=_profile)
    _add_compare(commands.add_parser("compare", help="this working tree beside another revision"))
    return parser


def _add_judgements(commands: Commands) -> None:
    """Add what is measured on pictures and clips whose truth is known, and of what judges them."""
    detection = _command(commands.add_parser("detection", help="recall of every detector on scenes.zip"), _detection)
    detection.add_argument("--verdicts", action="store_true", help="add the macro-F1 of the shipped model's verdicts")
    detection.add_argument("--model", type=Path, help="add the macro-F1 of this model's verdicts")
    _command(commands.add_parser("boxes", help="how detectors' boxes lie to the annotators'"), _boxes)
    _command(commands.add_parser("fitness", help="what darkness and blur cost on scenes.zip"), _fitness)
    _command(commands.add_parser("blur", help="what is seen of faces that are hidden, and what hiding costs"), _blur)
    accuracy = _command(commands.add_parser("accuracy", help="the model beside published ones on faces.zip"), _accuracy)
    accuracy.add_argument("--split", default="val", help="split of the faces [%(default)s]")
    accuracy.add_argument("--model", type=Path, help="this .onnx instead of the shipped one")
    accuracy.add_argument(
        "--peers", type=Path, metavar="DIR", help="folder of the peers' wheels, fetched by pip [in the user's cache]"
    )
    classifier = _command(commands.add_parser("classifier", help="what a crop costs on each runtime"), _classifier)
    classifier.add_argument("--keras", type=Path, help="the run's calibrated.keras that the shipped model came of")
    classifier.add_argument("--fp32", type=Path, help="or the .onnx in floats that was exported from it")
    classifier.add_argument("--quick", action="store_true", help="fewer rounds, and no accuracy")
    policy = _command(commands.add_parser("policy", help="what asking the classifier seldom saves and costs"), _policy)
    policy.add_argument("--quick", action="store_true", help="fewer persons")
    close_ups = _command(commands.add_parser("close-ups", help="which faces looks close up show"), _close_ups)
    close_ups.add_argument("--quick", action="store_true", help="fewer persons")


def _add_services(commands: Commands) -> None:
    """Add what is measured of a running service with cameras."""
    overload = commands.add_parser("overload", help="live streams whose faces are more than the classifier can take")
    overload.add_argument("--times", type=int, nargs="+", default=[1, 4, 16], help="as slow it is made [%(default)s]")
    overload.add_argument("--seconds", type=float, default=20.0, help="of each [%(default)s]")
    overload.add_argument("--json", action="store_true", help="print JSON")
    overload.set_defaults(run=_overload)
    live = commands.add_parser("live", help="many RTSP cameras at once: frames a second, their age, CPU time")
    live.add_argument("--cameras", type=int, default=8, help="how many [%(default)s]")
    live.add_argument("--seconds", type=float, default=60.0, help="how long they are watched [%(default)s]")
    live.add_argument("--faulty", action="store_true", help="one more camera goes through every fault meanwhile")
    live.add_argument("--json", action="store_true", help="print JSON")
    live.set_defaults(run=_live)
    uploads = commands.add_parser("uploads", help="a flood of pictures beside two live cameras")
    uploads.add_argument("--count", type=int, default=200, help="pictures in each flood [%(default)s]")
    uploads.add_argument("--at-once", type=int, default=8, help="so many at a time [%(default)s]")
    uploads.add_argument("--rounds", type=int, default=3, help="floods, each after a rest [%(default)s]")
    uploads.add_argument("--json", action="store_true", help="print JSON")
    uploads.set_defaults(run=_uploads)
    churn = commands.add_parser("churn", help="what is left of streams that came and went, and of lost connections")
    churn.add_argument("--cycles", type=int, default=1000, help="streams added and removed [%(default)s]")
    churn.add_argument("--reconnects", type=int, default=1000, help="of all cameras together [%(default)s]")
    churn.add_argument("--json", action="store_true", help="print JSON")
    churn.set_defaults(run=_churn)
    soak = commands.add_parser("soak", help="the same over time, with a camera that fails at random; plots it")
    soak.add_argument("--minutes", type=float, default=10.0, help="how long [%(default)s]")
    soak.add_argument("--seed", type=int, default=1, help="of the faults [%(default)s]")
    soak.add_argument("--out", type=Path, default=Path("out/soak"), help="gets soak.json and soak.png [%(default)s]")
    soak.set_defaults(run=_soak)
    shots = commands.add_parser("screenshots", help="pictures of the pages, of a service with cameras")
    shots.add_argument("--out", type=Path, default=Path("docs/images"), help="gets the pictures [%(default)s]")
    shots.add_argument("--minutes", type=float, default=3.0, help="how long the cameras are watched [%(default)s]")
    shots.set_defaults(run=_screenshots)


def _add_bench(bench: argparse.ArgumentParser) -> None:
    bench.add_argument("--out", type=Path, default=Path("out/bench"), help="gets the report [%(default)s]")
    bench.add_argument("--part", action="append", default=[], help="this one alone; may be repeated")
    bench.add_argument("--quick", action="store_true", help="fewer and shorter rounds")
    bench.add_argument("--clip", type=Path, help="a video instead of rendered ones")
    bench.add_argument("--keras", type=Path, help="the shipped model as a run's .keras; without it, one of its kind")
    bench.add_argument("--fp32", type=Path, help="the same as .onnx in floats, as exported")
    bench.set_defaults(run=_bench)


def _add_compare(compare: argparse.ArgumentParser) -> None:
    compare.add_argument("base", help="the revision, as git names it")
    compare.add_argument("--rounds", type=int, default=3, help="of each workload [%(default)s]")
    compare.set_defaults(run=_compare)


def _command(parser: argparse.ArgumentParser, run: object) -> argparse.ArgumentParser:
    data = data_folder()
    parser.add_argument("--data", type=Path, default=data, help=f"folder of the data (${DATA_VARIABLE} or {data})")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=run)
    return parser


if __name__ == "__main__":
    sys.exit(main())
