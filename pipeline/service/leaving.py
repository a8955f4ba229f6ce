"""Answers that go on until the one who asked has gone."""

from collections.abc import Awaitable

from anyio import create_task_group
from starlette.types import Receive


async def while_connected(receive: Receive, answering: Awaitable[None]) -> None:
    """Go on with `answering` until it is done, or the connection of `receive` has ended."""
    async with create_task_group() as group:

        async def leave_with_the_other_side() -> None:
            while (await receive())["type"] != "http.disconnect":
                pass
            group.cancel_scope.cancel()

        group.start_soon(leave_with_the_other_side)
        await answering
        group.cancel_scope.cancel()
