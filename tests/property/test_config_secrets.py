"""No secret of a configuration is part of what can be seen of it: errors, repr, dumps, the schema's own texts."""

import string
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.check_command import run_check
from pipeline.config.document import parse_document
from pipeline.config.loading import load_config
from pipeline.config.problem import ConfigFileError
from pipeline.config.schema import Config

# An X at each end marks a secret, so that none can be part of the rest by chance.
LETTERS = string.ascii_letters + string.digits
ANY_SECRET = st.text(string.printable.strip(), min_size=20, max_size=40).map(lambda text: f"X{text}X")
LITERAL_SECRET = st.text(LETTERS + "!*+,-._~@%&=$^|", min_size=20, max_size=40).map(lambda text: f"X{text}X")
MISTAKES = st.lists(
    st.sampled_from(
        [
            "device: gpu",
            "colour: {secret}",
            "processes: two",
            "streams_2: [{{id: a, url: '{url}'}}]",
            "model: '{url}'",
            "state_file: [{url}]",
            "compliance_window_s: {{a: '{secret}'}}",
            "compliance_window_s: '{url}'",
        ]
    ),
    unique_by=lambda line: line.partition(":")[0],
)

TEMPLATE = """\
streams:
  - id: door
    url: '{url}'
  - id: {id}
    url: '{other_url}'
http: {{token: '{secret}', port: '{port}'}}
alerts:
  channels:
    - {{name: hook, kind: webhook, url: 'https://hooks.example/{secret}', secret: '{secret}'}}
    - {{name: bus, kind: mqtt, host: broker, password: '{secret}'}}
"""
FROM_ENVIRONMENT = {"secret": "${SECRET}", "url": "rtsp://viewer:${SECRET}@192.0.2.1/live?token=${SECRET}"}

PATHS = st.sampled_from(["/live", "/a b", ":port/x", "?password={secret}", "/user=admin_password={secret}"])


def load(tmp_path: Path, text: str, variables: dict[str, str]) -> tuple[Config | None, str]:
    """Return the configuration, if there is one, and all that a person can see of the outcome."""
    path = tmp_path / "cameras.yaml"
    path.write_text(text, encoding="utf-8")
    try:
        config = load_config(path, variables)
    except ConfigFileError as error:
        seen = "".join(f"{part}{part!r}" for part in (error, *error.problems, error.__cause__, error.__context__))
        return None, seen
    return config, f"{config!r}{config}{config.model_dump()}{config.model_dump(mode='json')}{config.model_dump_json()}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("secrets")


@settings(max_examples=50)
@given(ANY_SECRET, MISTAKES, st.sampled_from(["gate", "door", "a b"]), st.sampled_from(["80", "x", "${SECRET}"]))
def test_a_secret_of_the_environment(folder: Path, secret: str, lines: list[str], name: str, port: str) -> None:
    text = TEMPLATE.format(**FROM_ENVIRONMENT, other_url="rtps://u:${SECRET}@h/", id=name, port=port)
    text += "\n".join(line.format(**FROM_ENVIRONMENT) for line in lines)
    config, seen = load(folder, text, {"SECRET": secret})
    assert config is None
    assert secret not in seen


@settings(max_examples=50)
@given(ANY_SECRET)
def test_a_secret_of_the_environment_in_what_is_valid(folder: Path, secret: str) -> None:
    text = TEMPLATE.format(**FROM_ENVIRONMENT, other_url="http://h/?key=${SECRET}", id="gate", port=80)
    config, seen = load(folder, text.replace("hooks.example/", "hooks.example/?"), {"SECRET": secret})
    assert config is not None
    assert secret not in seen
    assert config.http.token is not None
    assert config.http.token.get_secret_value() == secret


@settings(max_examples=50)
@given(LITERAL_SECRET, PATHS, MISTAKES)
def test_a_secret_that_stands_in_the_file(folder: Path, secret: str, path: str, lines: list[str]) -> None:
    url = f"rtsp://viewer:{secret}@192.0.2.1{path.format(secret=secret)}"
    text = TEMPLATE.format(secret=secret, url=url, other_url=url, id="gate", port=80)
    text += "\n".join(line.format(secret=secret, url=url) for line in lines)
    _, seen = load(folder, text, {})
    assert secret not in seen


NOT_YAML = st.sampled_from(["a: *{0}", "a: &{0} 1\nb: &{0} 1", "a {0}\nb: 1", "'{0}", "[{0}]]"])


@settings(max_examples=50)
@given(st.text(LETTERS + "_-", min_size=20).map(lambda text: f"X{text}X"), NOT_YAML)
def test_a_secret_in_a_file_that_is_not_yaml(secret: str, text: str) -> None:
    with pytest.raises(ConfigFileError) as error:
        parse_document(text.format(secret), Path("cameras.yaml"))
    assert secret not in str(error.value)


def test_check_prints_no_secret(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SECRET", "Xhunter2-hunter2X")
    path = folder / "checked.yaml"
    path.write_text(TEMPLATE.format(**FROM_ENVIRONMENT, other_url="camera:0", id="gate", port=80), encoding="utf-8")
    run_check(path)
    printed = capsys.readouterr().out
    assert "rtsp://***@192.0.2.1/live?token=***" in printed
    assert "hunter2" not in printed
