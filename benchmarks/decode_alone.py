"""The limit: clips decoded by PyAV, a thread each, and nothing done with the frames, or nothing but encoding them.

`python -m benchmarks.decode_alone [--encode] CLIP...` prints what it cost.
"""

import argparse
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Barrier

import av

from benchmarks.timed_run import Stopwatch, tell
from pipeline.sinks.fragment_file import FragmentFile
from pipeline.sinks.h264 import TIME_BASE, Encoding, H264Writer


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.decode_alone", description=__doc__)
    parser.add_argument("clips", nargs="+", type=Path, metavar="CLIP", help="one a thread")
    parser.add_argument("--encode", action="store_true", help="encode them, as the product's annotated video is")
    options = parser.parse_args(arguments)
    watch = Stopwatch()
    started = Barrier(len(options.clips), action=watch.start)
    with TemporaryDirectory(prefix="decode-alone-") as folder, ThreadPoolExecutor(len(options.clips)) as threads:

        def work(number: int, clip: Path) -> int:
            pictures = _pictures(clip, started)
            return _encoded(pictures, Path(folder) / f"{number}.mp4") if options.encode else sum(1 for _ in pictures)

        frames = sum(threads.map(work, range(len(options.clips)), options.clips))
        tell(watch.run_of(frames))


def _pictures(clip: Path, started: Barrier) -> Iterator[av.VideoFrame]:
    """Yield the pictures of a clip, decoded on this thread; the first once all others are open."""
    with closing(av.open(clip)) as container:
        stream = container.streams.video[0]
        stream.thread_type, stream.codec_context.thread_count = "NONE", 1
        started.wait()
        yield from container.decode(stream)


def _encoded(pictures: Iterator[av.VideoFrame], path: Path) -> int:
    """Write the pictures with the product's own encoder and settings, and return how many they were."""
    file = FragmentFile(path)
    first = next(pictures)
    step = round(1 / (25 * TIME_BASE))
    writer = H264Writer(file, first, 25.0, Encoding())
    writer.write(first, 0, step)
    count = 1
    for count, picture in enumerate(pictures, start=2):
        writer.write(picture, (count - 1) * step, step)
    writer.finish()
    file.publish()
    return count


if __name__ == "__main__":
    main()
