"""Pictures that look alike: no near one is missed by the keys it is found by."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets import look_alikes

_WHOLE = 64


@given(
    bits=st.integers(min_value=1, max_value=2**_WHOLE - 2),
    flipped=st.sets(st.integers(min_value=0, max_value=_WHOLE - 1), max_size=look_alikes.ALIKE),
)
def test_picture_that_looks_the_same_shares_a_key(bits: int, flipped: set[int]) -> None:
    other = bits
    for bit in flipped:
        other ^= 1 << bit
    if look_alikes.bits(f"{other:016x}") is None:
        return
    assert set(look_alikes.near(f"{bits:016x}")) & set(look_alikes.keys(f"{other:016x}"))
    assert look_alikes.distance(f"{bits:016x}", f"{other:016x}") == len(flipped)


@pytest.mark.parametrize("phash", [None, "", "0" * 16, "f" * 16])
def test_no_picture_and_one_of_one_colour_look_like_nothing(phash: str | None) -> None:
    assert look_alikes.keys(phash) == []
    assert list(look_alikes.near(phash)) == []
    assert look_alikes.distance(phash, "0f" * 8) is None


def test_few_of_many_pictures_share_a_key_by_chance() -> None:
    chance = Random(11)
    keys = set(look_alikes.near("0123456789abcdef"))
    others = [f"{chance.getrandbits(_WHOLE):016x}" for _ in range(20_000)]
    assert sum(bool(keys & set(look_alikes.keys(each))) for each in others) < len(others) / 500
