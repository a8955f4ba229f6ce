"""What keeps a worker small over months in which streams come and go.

Measured over 1,000 streams added and removed beside eight that stay (`python -m benchmarks churn`): the README there.
"""

import ctypes
import gc


def settle() -> None:
    """Leave what is loaded by now, and stays, out of all later collections of garbage.

    There are 140,000 objects of libraries: a whole collection, during which no lane goes on, looks at none of them.
    """
    gc.collect()
    gc.freeze()


def give_back() -> None:
    """Free what only cycles of an ended lane still hold, then let go of the pages of the heap that are free."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # the C library of some systems has none
    if trim is not None:
        trim(0)
