"""Amounts as customers read them: 2,150.00 lei in English, 2.150,00 lei in Romanian."""

_LEI = "RON"
_SWAPPED = str.maketrans(",.", ".,")


def amount(minor: int, currency: str, language: str) -> str:
    """Write an amount of whole hundredths with its currency; lei by their name, the rest by their code."""
    whole, hundredths = divmod(abs(minor), 100)
    figures = f"{'-' if minor < 0 else ''}{whole:,}.{hundredths:02}"
    name = "lei" if currency == _LEI else currency
    return f"{figures.translate(_SWAPPED) if language == 'ro' else figures} {name}"
