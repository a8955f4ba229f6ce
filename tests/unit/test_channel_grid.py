import numpy as np

from exporters.channel_grid import ChannelGrid


def test_each_channel_has_bytes_of_its_own_range() -> None:
    grid = ChannelGrid.spanning(np.array([-1.0, 100.0]), np.array([1.0, 355.0]))

    assert grid.bytes_of(np.array([-1.0, 100.0])).tolist() == [0, 0]
    assert grid.bytes_of(np.array([1.0, 355.0])).tolist() == [255, 255]
    assert grid.bytes_of(np.array([-9.0, 999.0])).tolist() == [0, 255]
    np.testing.assert_allclose(grid.scale * grid.bytes_of(np.array([0.3, 177.2])) + grid.low, [0.3, 177.2], atol=0.5)


def test_a_channel_that_never_changes_has_a_byte() -> None:
    grid = ChannelGrid.spanning(np.array([2.0]), np.array([2.0]))

    assert grid.bytes_of(np.array([2.0])).tolist() == [0]
    assert grid.scale[0] > 0


def test_joined_grids_keep_their_channels() -> None:
    first, second = (ChannelGrid.spanning(np.array([low]), np.array([low + 255])) for low in (0.0, 7.0))

    joined = ChannelGrid.joined([first, second])

    assert joined.low.tolist() == [0, 7]
    assert joined.scale.tolist() == [1, 1]
