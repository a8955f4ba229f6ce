"""`maskstream serve`: the service without cameras, for pictures and clips that visitors send."""

import os
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from pipeline.config.schema import Config
from pipeline.console import say
from pipeline.errors import ConfigError, ExitCode
from pipeline.run_command import run_service

TOKEN_VARIABLE = "MASKSTREAM_TOKEN"
"""A token on a command line would be seen by everybody on the machine."""

_OPTIONS = {"bind_address": "--bind", "port": "--port", "token": TOKEN_VARIABLE}


def run_serve(bind_address: str | None, port: int | None, variables: Mapping[str, str] = os.environ) -> ExitCode:
    """Serve until a signal says stop; an address or port of None is as in a configuration that does not say it.

    Raises ConfigError where that can't be, or the error of a model that can't be used.
    """
    http: dict[str, Any] = {"bind_address": bind_address, "port": port, "token": variables.get(TOKEN_VARIABLE)}
    given = {key: value for key, value in http.items() if value is not None}
    try:
        config = Config.model_validate({"streams": (), "state_file": None, "http": given})
    except ValidationError as error:
        raise ConfigError(_mistake(error)) from None
    return run_service(config, None, _announce)


def _mistake(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    match first["loc"]:
        case (_, str(key), *_):
            return f"{_OPTIONS[key]} takes {first['msg']}"
    return f"--bind needs a token for other machines: set {TOKEN_VARIABLE} to what `openssl rand -hex 32` prints"


def _announce(url: str) -> None:
    say(f"upload page: {url}/")
