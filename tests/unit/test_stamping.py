"""A missing timestamp is told from the next one."""

import pytest

from pipeline.sources.stamping import Stamper

CASES = {
    "the first has none": ([None, 0.04, 0.08], [(0, 0.0), (1, 0.04), (2, 0.08)]),
    "one in between has none": ([0.0, None, 3.04], [(0, 0.0), (1, 3.0), (2, 3.04)]),
    "the last has none": ([0.0, 0.04, None], [(0, 0.0), (1, 0.04)]),
    "none has one": ([None, None, None, None], [(0, None), (1, None), (2, None), (3, None)]),
    "stamps come late": ([None, None, 0.08, None, 0.16], [(0, None), (1, None), (2, 0.08), (3, None), (4, 0.16)]),
}


@pytest.mark.parametrize(("stamps_s", "placed"), CASES.values(), ids=CASES)
def test_each_item_comes_once_and_in_order(
    stamps_s: list[float | None], placed: list[tuple[int, float | None]]
) -> None:
    stamper: Stamper[int] = Stamper(step_s=0.04)
    ready = [pair for index, stamp_s in enumerate(stamps_s) for pair in stamper.place(index, stamp_s)]
    assert [index for index, _ in ready] == [index for index, _ in placed]
    assert [stamp_s for _, stamp_s in ready] == pytest.approx([stamp_s for _, stamp_s in placed])
