"""Pictures that look alike: the keys by which an index finds what differs in a few bits of 64."""

from collections.abc import Iterator

ALIKE = 6  #: Bits of 64 in which two pictures may differ and still look the same.
_QUARTER = 16
_QUARTERS = 64 // _QUARTER
_ONE_COLOUR = (0, 2**64 - 1)  #: Looks like any other picture of one colour.


def bits(phash: str | None) -> int | None:
    """What a picture looks like; None for no picture, and for one of a single colour."""
    found = int(phash, 16) if phash else 0
    return None if found in _ONE_COLOUR else found


def keys(phash: str | None) -> list[int]:
    """The four quarters of a picture's bits, each with its place, as they are kept."""
    found = bits(phash)
    return [] if found is None else list(_quarters(found))


def near(phash: str | None) -> Iterator[int]:
    """The keys of which a picture that looks the same has one.

    Six bits in four quarters: one quarter differs in at most one bit (M. Norouzi et al., Fast Search in Hamming Space
    with Multi-Index Hashing, 2012). Of a million pictures about a thousand have one of these 68 keys by chance.
    """
    for key in keys(phash):
        yield key
        yield from (key ^ (1 << bit) for bit in range(_QUARTER))


def distance(one: str | None, other: str | None) -> int | None:
    """In how many bits two pictures differ; None where one is no picture or of one colour."""
    mine, theirs = bits(one), bits(other)
    return None if mine is None or theirs is None else (mine ^ theirs).bit_count()


def _quarters(found: int) -> Iterator[int]:
    for place in range(_QUARTERS):
        yield place << _QUARTER | found >> place * _QUARTER & (1 << _QUARTER) - 1
