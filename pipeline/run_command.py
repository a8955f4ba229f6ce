"""`maskstream run`: the service, from a configuration file or from sources alone."""

import resource
from collections.abc import Callable, Sequence
from pathlib import Path

from pipeline.config.adhoc import config_of_sources, is_config_path
from pipeline.config.loading import load_config
from pipeline.config.schema import Config
from pipeline.console import say
from pipeline.errors import ExitCode
from pipeline.fleet.service import Service
from pipeline.logs import configure_logs
from pipeline.runtime.service_manager import ServiceManager


def run_run(words: Sequence[str]) -> ExitCode:
    """Run until a signal says stop; raises ConfigFileError, ConfigError or the error of a model that can't be used."""
    config, path = _configuration(words)
    return run_service(config, path, _announce)


def run_service(config: Config, path: Path | None, announce: Callable[[str], None]) -> ExitCode:
    """Run `config`, read from `path` where it was, until a signal says stop; `announce` takes the address."""
    configure_logs(config.log.format, config.log.level)
    # What the core file of a crash holds is passwords and pictures; the workers inherit it.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    Service(config, path, ServiceManager.from_environment()).run(announce)
    return ExitCode.OK


def _configuration(words: Sequence[str]) -> tuple[Config, Path | None]:
    if len(words) == 1 and is_config_path(words[0]):
        path = Path(words[0])
        return load_config(path), path
    return config_of_sources(words), None


def _announce(url: str) -> None:
    say(f"live page: {url}/live")
