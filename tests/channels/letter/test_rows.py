"""The order in which pieces of a page are read."""

from channels.letter.rows import Piece, words


def piece(text: str, left: int, top: int, *, width: int = 100, slope: float = 0.0) -> Piece:
    drop = round(abs(slope) * width)
    return Piece(
        text=text, confidence=99, left=left, top=top, right=left + width, bottom=top + 20 + drop, height=20, slope=slope
    )


def lines(*pieces: Piece) -> list[list[str]]:
    found: dict[int, list[str]] = {}
    for word in words(pieces):
        found.setdefault(word.line, []).append(word.text)
    return list(found.values())


def test_price_far_right_belongs_to_its_goods_on_a_sloping_receipt() -> None:
    slope = 0.1  # a receipt photographed askew: a line further down than where it began
    pieces = [
        found
        for row, (goods, price) in enumerate([("PARCHET", "759,60"), ("CHIT", "49,00"), ("MANOPERA", "350,00")])
        for found in (piece(goods, 0, 30 * row, slope=slope), piece(price, 400, 30 * row + 40, slope=slope))
    ]

    assert lines(*reversed(pieces)) == [["PARCHET", "759,60"], ["CHIT", "49,00"], ["MANOPERA", "350,00"]]


def test_two_pages_side_by_side_are_read_one_after_the_other() -> None:
    pieces = [
        piece(f"{side} rândul {row}", 600 * at, 40 * row, width=500)
        for row in range(8)
        for at, side in enumerate(("stânga", "dreapta"))
    ]

    assert [line[0] for line in lines(*pieces)] == [
        f"{side} rândul {row}" for side in ("stânga", "dreapta") for row in range(8)
    ]


def test_goods_and_prices_on_a_wide_bill_are_no_two_pages() -> None:
    pieces = [
        found
        for row in range(8)
        for found in (piece(f"Manoperă zugrăvit {row}", 0, 40 * row, width=300), piece("12,50", 900, 40 * row))
    ]

    assert all(len(line) == 2 for line in lines(*pieces))


def test_nothing_is_no_line() -> None:
    assert lines() == []
