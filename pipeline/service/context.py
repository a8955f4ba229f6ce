"""What the routes work on, as they ask for it."""

from typing import Annotated, TypeAlias

from fastapi import Depends, Request

from pipeline.config.schema import Config
from pipeline.service.control import Control
from pipeline.service.event_readers import EventReaders
from pipeline.service.watches import Watches


async def _control(request: Request) -> Control:
    control: Control = request.app.state.control
    return control


async def _config(request: Request) -> Config:
    config: Config = request.app.state.config
    return config


async def _watches(request: Request) -> Watches:
    watches: Watches = request.app.state.watches
    return watches


async def _readers(request: Request) -> EventReaders:
    readers: EventReaders = request.app.state.readers
    return readers


Running: TypeAlias = Annotated[Control, Depends(_control)]
Configured: TypeAlias = Annotated[Config, Depends(_config)]
Watching: TypeAlias = Annotated[Watches, Depends(_watches)]
Reading: TypeAlias = Annotated[EventReaders, Depends(_readers)]
