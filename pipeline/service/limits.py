"""How much of the service one address may have."""

import math
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http import HTTPStatus

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from pipeline.config.http import HttpConfig
from pipeline.service.paths import HEALTH_PATHS, UPLOAD_PATHS
from pipeline.service.problem import ProblemError, problem_response
from pipeline.service.rates import Rates
from pipeline.service.visitor import address_of

BUSY_RETRY_S = 1


class Quota:
    """So many a minute and so many at once, of each address. Used in the event loop."""

    def __init__(self, what: str, per_minute: int, at_once: int) -> None:
        """`what` names them in the sentence for who has too many."""
        self._what = what
        self._per_minute = per_minute
        self._at_once = at_once
        self._rates = Rates(per_minute)
        # Without those that have none: it is never larger than the connections are many.
        self._running: Counter[str] = Counter()

    @contextmanager
    def taken(self, address: str) -> Iterator[None]:
        """Count one while the context lasts; raise ProblemError 429 where `address` has too many."""
        if self._running[address] >= self._at_once:
            raise _too_many(f"{self._at_once} {self._what} at once", BUSY_RETRY_S)
        wait_s = self._rates.take(address)
        if wait_s > 0:
            raise _too_many(f"{self._per_minute} {self._what} a minute", math.ceil(wait_s))
        self._running[address] += 1
        try:
            yield
        finally:
            self._running[address] -= 1
            if not self._running[address]:
                del self._running[address]


class Limits:
    """Answers 429 to an address that has too much already; health is asked for by machines, and always answered."""

    def __init__(self, app: ASGIApp, config: HttpConfig) -> None:
        self._app = app
        self._requests = Quota("requests", config.max_requests_per_minute, config.max_requests_at_once)
        self._uploads = Quota("uploads", config.max_uploads_per_minute, config.max_uploads_at_once)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer it with a problem."""
        with ExitStack() as taken:
            answer = self._refusal(scope, taken)
            await (answer or self._app)(scope, receive, send)

    def _refusal(self, scope: Scope, taken: ExitStack) -> Response | None:
        """Count the request until `taken` is closed, or return why it is not answered."""
        try:
            for quota in self._asked(scope):
                taken.enter_context(quota.taken(address_of(scope)))
        except ProblemError as error:
            return problem_response(error.status, error.detail, headers=error.headers)
        return None

    def _asked(self, scope: Scope) -> list[Quota]:
        if scope["type"] != "http" or scope["path"] in HEALTH_PATHS:
            return []
        is_upload = scope["method"] == "POST" and scope["path"] in UPLOAD_PATHS
        return [self._requests, self._uploads] if is_upload else [self._requests]


def _too_many(limit: str, retry_after_s: int) -> ProblemError:
    detail = f"one address may have {limit}; come back in {retry_after_s} s"
    return ProblemError(HTTPStatus.TOO_MANY_REQUESTS, detail, {"Retry-After": str(retry_after_s)})
