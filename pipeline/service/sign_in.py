"""Lets those in who know the password, a few tries at a time."""

import logging
import math
from http import HTTPStatus
from typing import Annotated, TypeAlias

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from fastapi import Depends, Request

from pipeline.config.http import HttpConfig
from pipeline.service.password import Password
from pipeline.service.problem import ProblemError
from pipeline.service.rates import Rates
from pipeline.service.sessions import Session, Sessions

TRIES_PER_MINUTE = 5
"""Of one address."""

TRIES_OF_ALL_PER_MINUTE = 60
"""Each costs 0.1 s and 64 MiB: a flood from everywhere takes a tenth of a core, and no more."""

MAX_CHECKS_AT_ONCE = 2

log = logging.getLogger(__name__)


class SignIn:
    """Gives a session to who knows the password. Used in the event loop, which goes on meanwhile."""

    def __init__(self, config: HttpConfig, sessions: Sessions) -> None:
        self._password = Password(config)
        self._can_sign_in = config.can_sign_in
        self._sessions = sessions
        self._tries, self._tries_of_all = Rates(TRIES_PER_MINUTE), Rates(TRIES_OF_ALL_PER_MINUTE)
        self._checks = CapacityLimiter(MAX_CHECKS_AT_ONCE)

    async def begin(self, address: str, password: str) -> tuple[str, Session]:
        """Return the key of a new session, and it; raise ProblemError 403, 429, or 401 where the password is wrong."""
        if not self._can_sign_in:
            detail = "there is no password: set http.token or http.password_hash in the configuration file, and restart"
            raise ProblemError(HTTPStatus.FORBIDDEN, detail)
        self._take_turn(address)
        if await run_sync(self._password.is_right, password, limiter=self._checks):
            return self._sessions.begin()
        log.warning("a sign-in from %s with a wrong password", address)
        raise ProblemError(
            HTTPStatus.UNAUTHORIZED, "the password is wrong", {"WWW-Authenticate": 'Bearer realm="maskstream"'}
        )

    def end(self, key: str) -> None:
        """End a session, where there is one of that key."""
        self._sessions.end(key)

    def _take_turn(self, address: str) -> None:
        # Who is too fast alone takes no turns of others.
        wait_s = self._tries.take(address) or self._tries_of_all.take("")
        if wait_s > 0:
            after_s = math.ceil(wait_s)
            detail = f"too many tries to sign in; come back in {after_s} s"
            raise ProblemError(HTTPStatus.TOO_MANY_REQUESTS, detail, {"Retry-After": str(after_s)})


async def _sign_in(request: Request) -> SignIn:
    sign_in: SignIn = request.app.state.sign_in
    return sign_in


SigningIn: TypeAlias = Annotated[SignIn, Depends(_sign_in)]
