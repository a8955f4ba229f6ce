"""What a worker gives back when a stream has ended."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from pipeline.worker.memory import give_back, settle


class Cycle:
    """Holds itself, as a lane and its threads do."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def lazy_collector() -> Iterator[None]:
    """Python collects no garbage of its own accord."""
    gc.disable()
    yield
    gc.unfreeze()
    gc.enable()


@pytest.mark.usefixtures("lazy_collector")
def test_what_holds_itself_is_freed() -> None:
    gone = weakref.ref(Cycle())
    assert gone() is not None
    give_back()
    assert gone() is None


@pytest.mark.usefixtures("lazy_collector")
def test_what_stays_is_left_out_of_collections() -> None:
    staying = weakref.ref(cycle := Cycle())
    settle()
    del cycle
    give_back()
    assert staying() is not None


@pytest.mark.usefixtures("lazy_collector")
def test_garbage_from_before_does_not_stay() -> None:
    gone = weakref.ref(Cycle())
    settle()
    assert gone() is None
