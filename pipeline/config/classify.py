"""How often the classifier is asked about a person."""

from typing import Annotated

from pydantic import Field

from pipeline.config.strict import Seconds, Share, Strict


class Classify(Strict):
    """When a person is looked at by the classifier; the fewer looks, the more streams a machine can bear."""

    min_votes: Annotated[int, Field(ge=1, le=100)] = 1
    """Every new person gets so many looks at least."""
    min_interval_s: Seconds = 0.2
    """The shortest time between two looks at a person."""
    doubt_threshold: Share = 0.05
    """More looks while the likeliest state leads by less than 1 minus this: 0 asks always, 1 never."""
    doubt_interval_s: Seconds = 0.3
    """How often, while in doubt."""
    max_doubt_looks: Annotated[int, Field(ge=0, le=1000)] = 8
    """So many looks out of doubt in a row; a face that still tells nothing is then left until the recheck."""
    better_view_ratio: Annotated[float, Field(gt=1)] = 1.5
    """A look whenever the face is so much larger, sharper and straighter together than at the best look so far."""
    recheck_s: Seconds = 2.0
    """A settled person is looked at again after this time: masks come off."""
    max_crops_per_frame: Annotated[int, Field(ge=1, le=1000)] = 8
    """At most so many looks in a frame, at those of whom they tell most."""
