"""What `maskstream serve` is told, up to where the service begins."""

import pytest

from pipeline.config.schema import Config
from pipeline.errors import ConfigError, ExitCode
from pipeline.serve_command import TOKEN_VARIABLE, run_serve

TOKEN = "a-token-of-the-tests-0123456789"


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[Config]:
    """The configurations that services were begun with."""
    configs: list[Config] = []

    def run(config: Config, *_: object) -> ExitCode:
        configs.append(config)
        return ExitCode.OK

    monkeypatch.setattr("pipeline.serve_command.run_service", run)
    return configs


def test_alone_it_is_a_service_of_this_machine_without_cameras_that_keeps_nothing(begun: list[Config]) -> None:
    assert run_serve(None, None, {}) == ExitCode.OK
    (config,) = begun
    assert (config.streams, config.state_file, config.uploads.enabled) == ((), None, True)
    assert (config.http.bind_address, config.http.token) == ("127.0.0.1", None)
    assert "port" not in config.http.model_fields_set


def test_address_port_and_token_are_taken(begun: list[Config]) -> None:
    run_serve("0.0.0.0", 8443, {TOKEN_VARIABLE: TOKEN})
    http = begun[0].http
    assert http.token is not None
    assert (http.bind_address, http.port, http.token.get_secret_value()) == ("0.0.0.0", 8443, TOKEN)


@pytest.mark.parametrize(
    ("bind_address", "token", "words"),
    [
        ("0.0.0.0", None, f"--bind needs a token for other machines: set {TOKEN_VARIABLE}"),
        ("http://a", None, "--bind takes a host's name or address"),
        (None, "short", f"{TOKEN_VARIABLE} takes at least 16 letters"),
    ],
)
def test_a_mistake_names_its_option(begun: list[Config], bind_address: str, token: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words) as told:
        run_serve(bind_address, None, {TOKEN_VARIABLE: token} if token else {})
    assert "short" not in str(told.value)
    assert not begun
