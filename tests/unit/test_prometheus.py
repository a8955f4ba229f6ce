"""What one process tells that is alone, as `maskstream process` is."""

import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest
from prometheus_client import generate_latest

from pipeline.sinks.prometheus import PrometheusTelemetry
from tests.machine import require_system
from tests.reported import scrape


@pytest.fixture
def telemetry() -> PrometheusTelemetry:
    telemetry = PrometheusTelemetry()
    telemetry.frame_done("hall", "processed")
    telemetry.frame_done("hall", "dropped_overflow")
    telemetry.faces_scored("hall", ("masked", "masked", "incorrect"))
    telemetry.verdicts_flipped("hall", 2)
    telemetry.persons_present("hall", {"unmasked": 3})
    telemetry.camera_fitness("hall", {"too_dark": 0.25})
    telemetry.sink_failed("hall", "recording")
    telemetry.frame_published("hall", 0.12)
    telemetry.watch_queue("crops", lambda: 5)
    telemetry.stage_took("detect", 0.004)
    telemetry.batch_ran(8, 0.01)
    telemetry.crop_done("skipped", "age")
    telemetry.model_loaded("densenet201", "ab", "int8", "CPUExecutionProvider")
    return telemetry


def lines(telemetry: PrometheusTelemetry) -> list[str]:
    return generate_latest(telemetry.registry).decode().splitlines()


def test_every_metric_has_its_labels(telemetry: PrometheusTelemetry) -> None:
    telemetry.person_closed("hall", "masked")
    assert {
        'maskstream_frames_total{outcome="processed",stream="hall"} 1.0',
        'maskstream_frames_total{outcome="dropped_overflow",stream="hall"} 1.0',
        'maskstream_faces_total{stream="hall",verdict="masked"} 2.0',
        'maskstream_faces_total{stream="hall",verdict="incorrect"} 1.0',
        'maskstream_persons_total{stream="hall",verdict="masked"} 1.0',
        'maskstream_compliance_ratio{stream="hall"} 1.0',
        'maskstream_compliance_persons{stream="hall"} 1.0',
        'maskstream_verdict_flips_total{stream="hall"} 2.0',
        'maskstream_persons_present{stream="hall",verdict="unmasked"} 3.0',
        'maskstream_persons_present{stream="hall",verdict="masked"} 0.0',
        'maskstream_camera_fitness{reason="too_dark",stream="hall"} 0.25',
        'maskstream_sink_errors_total{sink="recording",stream="hall"} 1.0',
        'maskstream_frame_age_seconds_bucket{le="0.15",stream="hall"} 1.0',
        'maskstream_frame_age_seconds_bucket{le="0.1",stream="hall"} 0.0',
        'maskstream_crops_total{outcome="skipped",reason="age"} 1.0',
        'maskstream_crops_total{outcome="scored",reason="age"} 0.0',
        'maskstream_queue_depth{queue="crops"} 5.0',
        'maskstream_stage_duration_seconds_bucket{le="0.005",stage="detect"} 1.0',
        'maskstream_stage_duration_seconds_bucket{le="0.0025",stage="detect"} 0.0',
        'maskstream_batch_size_bucket{le="8.0"} 1.0',
        "maskstream_batch_wait_seconds_sum 0.01",
        'maskstream_model_info{name="densenet201",precision="int8",provider="CPUExecutionProvider",sha256="ab"} 1.0',
    } <= set(lines(telemetry))


def test_no_created_series(telemetry: PrometheusTelemetry) -> None:
    assert [line for line in lines(telemetry) if "_created" in line] == []


def test_the_ratio_is_absent_until_someone_was_judged(telemetry: PrometheusTelemetry) -> None:
    telemetry.person_closed("hall", "unknown")
    assert telemetry.registry.get_sample_value("maskstream_compliance_ratio", {"stream": "hall"}) is None
    for state in ("masked", "unmasked", "incorrect", "masked"):
        telemetry.person_closed("hall", state)
    telemetry.person_closed("door", "unmasked")
    ratios = [
        telemetry.registry.get_sample_value("maskstream_compliance_ratio", {"stream": s}) for s in ("hall", "door")
    ]
    assert ratios == [0.5, 0.0]


def test_a_state_that_is_none_is_refused(telemetry: PrometheusTelemetry) -> None:
    with pytest.raises(ValueError, match="veiled"):
        telemetry.person_closed("hall", "veiled")


def test_counts_from_many_threads_add_up(telemetry: PrometheusTelemetry) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda index: telemetry.person_closed("hall", ("masked", "unmasked")[index % 2]), range(400)))
    assert telemetry.registry.get_sample_value("maskstream_compliance_ratio", {"stream": "hall"}) == 0.5


def test_two_telemetries_do_not_meet(telemetry: PrometheusTelemetry) -> None:
    other = PrometheusTelemetry()
    other.frame_done("door", "processed")
    assert 'stream="door"' not in "".join(lines(telemetry))
    assert 'stream="hall"' not in "".join(lines(other))


def test_a_removed_stream_takes_its_compliance_along(telemetry: PrometheusTelemetry) -> None:
    telemetry.person_closed("hall", "masked")
    telemetry.remove_stream("hall")
    assert [line for line in lines(telemetry) if 'stream="hall"' in line] == []


def test_no_model_has_no_series() -> None:
    assert [line for line in lines(PrometheusTelemetry()) if line.startswith("maskstream_model_info")] == []


def test_the_process_tells_its_memory_and_files(telemetry: PrometheusTelemetry) -> None:
    series = scrape(telemetry.registry)
    assert series["process_resident_memory_bytes"] > 0
    assert series["process_open_fds"] > 0


def test_prometheus_itself_finds_nothing_to_complain_of(telemetry: PrometheusTelemetry) -> None:
    promtool = require_system("promtool")
    telemetry.person_closed("hall", "masked")
    check = subprocess.run(
        [promtool, "check", "metrics"], input=generate_latest(telemetry.registry), capture_output=True, check=False
    )
    assert (check.returncode, check.stdout + check.stderr) == (0, b"")
