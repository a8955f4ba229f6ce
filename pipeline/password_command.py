"""`maskstream password`: the hash of a password, for `http.password_hash`."""

import sys

import click

from pipeline.console import say
from pipeline.errors import ConfigError, ExitCode
from pipeline.service.password import MIN_PASSWORD_CHARACTERS, hash_password

MAX_PASSWORD_CHARACTERS = 1024


def run_password() -> ExitCode:
    """Ask twice at a terminal, or read a line of stdin, and print the hash; raises ConfigError if it is too short."""
    is_asked = sys.stdin.isatty()
    password = _asked() if is_asked else sys.stdin.readline(MAX_PASSWORD_CHARACTERS + 2).removesuffix("\n")
    if not MIN_PASSWORD_CHARACTERS <= len(password) <= MAX_PASSWORD_CHARACTERS:
        raise ConfigError(
            f"a password has {MIN_PASSWORD_CHARACTERS} to {MAX_PASSWORD_CHARACTERS} characters, such as four words of "
            f"a dictionary; got {len(password)}"
        )
    say(hash_password(password))
    if is_asked:
        click.echo("Put this line into the configuration as http.password_hash.", err=True)
    return ExitCode.OK


def _asked() -> str:
    # stdout is for the hash alone.
    password: str = click.prompt("Password", hide_input=True, confirmation_prompt="The same again", err=True)
    return password
