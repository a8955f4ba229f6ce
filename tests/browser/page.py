"""A page in a headless Chromium that tests look into and click on, over the pipe of its debugging protocol."""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any

from tests.browser.chromium import OPTIONS
from tests.machine import require_system

PATIENCE_MS = 60_000

_WAITING = """new Promise((resolve, reject) => {
  const look = () => (%s) ? resolve() : setTimeout(look, 20);
  setTimeout(reject, %d, new Error(%s));
  look();
})"""

# Chromium reads commands from descriptor 3 and answers on 4.
_LAUNCH = 'exec "$0" "$@" 3<&{commands} 4>&{answers}'


class Page:
    """One tab. Used by one thread."""

    def __init__(self, commands: IO[bytes], answers: IO[bytes]) -> None:
        self._commands = commands
        self._answers = answers
        self._number = 0
        self._session: dict[str, str] = {}
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self._session = {"sessionId": self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]}

    def open(self, url: str) -> None:
        """Go to `url`; what it shows comes when it comes."""
        self._call("Page.navigate", url=url)

    def evaluate(self, script: str) -> Any:
        """Return the value of an expression on the page; a promise is waited for."""
        told = self._call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in told, told
        return told["result"].get("value")

    def wait_for(self, condition: str) -> None:
        """Return once the expression `condition` holds; fail where it does not within `PATIENCE_MS`."""
        self.evaluate(_WAITING % (condition, PATIENCE_MS, json.dumps(condition)))

    def _call(self, method: str, **params: object) -> dict[str, Any]:
        self._number += 1
        message = {"id": self._number, "method": method, "params": params, **self._session}
        self._commands.write(json.dumps(message).encode() + b"\0")
        self._commands.flush()
        while (answer := self._next_message()).get("id") != self._number:
            pass
        assert "error" not in answer, answer
        return dict(answer["result"])

    def _next_message(self) -> dict[str, Any]:
        text = bytearray()
        while (byte := self._answers.read(1)) != b"\0":
            assert byte, "the browser has ended"
            text += byte
        return dict(json.loads(text))


@contextmanager
def browser_page(profile: Path) -> Iterator[Page]:
    """Give a tab; `profile` is an empty folder for the browser's own files."""
    chromium = require_system("chromium")
    commands, answers = os.pipe(), os.pipe()
    launch = ["bash", "-c", _LAUNCH.format(commands=commands[0], answers=answers[1]), chromium, *OPTIONS]
    with ExitStack() as stack:
        ours = stack.enter_context(os.fdopen(commands[1], "wb")), stack.enter_context(os.fdopen(answers[0], "rb"))
        browser = subprocess.Popen(
            [*launch, f"--user-data-dir={profile}", "--remote-debugging-pipe"],
            pass_fds=(commands[0], answers[1]),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        stack.enter_context(browser)
        stack.callback(browser.kill)
        os.close(commands[0])
        os.close(answers[1])
        yield Page(*ours)
