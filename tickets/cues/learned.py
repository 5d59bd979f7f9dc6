"""A model learnt from the team's own judgement: weights of features for each kind, asked without any library."""

import gzip
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tickets.cues.examples import features

_VERSION = 1


@dataclass(frozen=True, eq=False)
class Learned:
    """Logistic regression over the features of a text; `of` abstains where no kind is likely enough."""

    kinds: tuple[str, ...]
    weights: Mapping[str, Sequence[float]] = field(repr=False)  #: By feature, one weight a kind, times its rarity.
    offsets: Sequence[float]
    evenness: float = 1.0  #: Divides the odds, so that a share is as often right as it says.
    least: float = 0.5  #: The largest share below this says nothing.

    def of(self, text: str) -> Mapping[str, float]:
        """Give the share of each kind, all together 1; nothing if the model abstains."""
        rows = [row for feature in features(text) if (row := self.weights.get(feature)) is not None]
        if not rows:
            return {}
        length = math.sqrt(sum(row[-1] for row in rows)) or 1.0
        odds = [
            (sum(row[place] for row in rows) / length + offset) / self.evenness
            for place, offset in enumerate(self.offsets)
        ]
        best = max(odds)
        shares = [math.exp(each - best) for each in odds]
        whole = sum(shares)
        if 1 / whole < self.least:
            return {}
        return {kind: share / whole for kind, share in zip(self.kinds, shares, strict=True)}


def packed(model: Learned) -> bytes:
    """Write a model as plain data: nothing in it is ever run."""
    content = {
        "version": _VERSION, "kinds": model.kinds, "offsets": list(model.offsets), "evenness": model.evenness,
        "least": model.least, "weights": {feature: list(row) for feature, row in model.weights.items()},
    }  # fmt: skip
    return gzip.compress(json.dumps(content).encode(), mtime=0)


def unpacked(content: bytes) -> Learned:
    """Read a model back; `ValueError` if it is none of ours."""
    try:
        held = json.loads(gzip.decompress(content))
        held = held if held["version"] == _VERSION else {}
        return Learned(
            kinds=tuple(held["kinds"]),
            weights={feature: tuple(row) for feature, row in held["weights"].items()},
            offsets=tuple(held["offsets"]),
            evenness=held["evenness"],
            least=held["least"],
        )
    except (OSError, EOFError, KeyError, TypeError, ValueError) as error:
        raise ValueError("no model of ours") from error
