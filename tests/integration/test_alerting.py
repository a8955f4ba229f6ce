"""From looks at a stream to a real broker and a webhook."""

from pathlib import Path

from pipeline.alerts.message import AlertMessage
from pipeline.alerts.rules import Observation
from pipeline.fleet.alerting import Alerting
from pipeline.stages.deliver import DeliverySettings
from pipeline.vision.tally import Tally
from tests.config_files import load
from tests.http_receiver import HttpReceiver
from tests.mosquitto import broker, free_port, subscriber

PATIENCE_S = 30.0

CAMERAS = """
streams:
  - {{id: door, url: 'rtsp://me:s3cret@camera.example/1', labels: {{line: "7"}}}}
alerts:
  channels:
    - {{name: office, kind: webhook, url: '{url}', secret: s3cret}}
    - {{name: bus, kind: mqtt, host: 127.0.0.1, port: {port}, topic: fleet/alerts}}
  rules:
    - {{name: masks, when: compliance_below, share: 0.8, for_s: 30, min_persons: 10, clear_s: 5}}
    - {{name: down, when: camera_down, for_s: 20, channels: [bus]}}
    - {{name: covered, when: no_faces, for_s: 60, channels: [office]}}
"""

FEW_MASKS = Observation(is_up=True, faces=2, persons=Tally(masked=6, unmasked=4))
NOBODY = Observation(is_up=True, faces=0, persons=Tally())
DOWN = Observation(is_up=False, faces=0, persons=Tally())


def test_observations_become_notices_at_a_broker_and_a_webhook(tmp_path: Path) -> None:
    port, now_s, failures = free_port(), 0.0, []
    with HttpReceiver() as office, broker(tmp_path, port), subscriber(port, "fleet/alerts/+") as bus:
        config = load(tmp_path, CAMERAS.format(url=office.url, port=port))
        alerting = Alerting(
            config.alerts,
            lambda *told: failures.append(told),
            DeliverySettings(timeout_s=PATIENCE_S),
            clock=lambda: now_s,
        )
        alerting.start()
        alerting.begin("door", config.streams[0].labels)
        for seen, seconds in ((FEW_MASKS, 40), (NOBODY, 61), (DOWN, 21)):
            for _ in range(seconds):
                alerting.look("door", seen)
                now_s += 1
        alerting.end("door")
        posted = [office.next_request() for _ in range(4)]
        published = [next(bus) for _ in range(4)]
        alerting.close(PATIENCE_S)
    assert failures == []
    assert all("X-Maskstream-Signature-256" in request.headers for request in posted)
    assert {message.topic for message in published} == {"fleet/alerts/door"}
    of_office = [AlertMessage.model_validate_json(request.body) for request in posted]
    of_bus = [AlertMessage.model_validate_json(message.payload) for message in published]
    assert [f"{told.rule} {told.state}" for told in of_office] == [
        "masks firing",
        "masks resolved",
        "covered firing",
        "covered resolved",
    ]
    assert [f"{told.rule} {told.state}" for told in of_bus] == [
        "masks firing",
        "masks resolved",
        "down firing",
        "down resolved",
    ]
    assert of_office[:2] == of_bus[:2], "one alert is the same on every channel"
    assert (of_bus[0].value, of_bus[0].persons, of_bus[0].labels) == (0.6, 10, {"line": "7"})
    assert of_bus[3].message == "door: the alert down is over, since the stream is not watched any more"
