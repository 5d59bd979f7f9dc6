"""How names, addresses and phones are compared, and who is known by them."""

import re
import string
import unicodedata

from tickets.messages import Medium

_WORDS = re.compile(r"[^\W_]+")
_CEDILLA = str.maketrans("şţŞŢ", "șțȘȚ")
_ASCII_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")
_NOT_DIGITS = re.compile(r"[^\d+]")


def fold(text: str) -> str:
    """Lower case without diacritics; cedilla and comma-below letters become the same."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.translate(_CEDILLA))
    return _BEYOND_ASCII.sub(_without_marks, decomposed).casefold()


def _without_marks(letters: re.Match[str]) -> str:
    return "".join(letter for letter in letters[0] if not unicodedata.combining(letter))


def folded_name(name: str) -> str:
    """The words of a name in order of the alphabet: `Popescu Maria` and `María Popescu` are equal."""
    return " ".join(sorted(_WORDS.findall(fold(name))))


def normal_address(medium: Medium, value: str, *, country: str = "RO") -> str:
    """The one form under which a contact point is looked up."""
    if medium is Medium.EMAIL:
        return normal_mail(value)
    if medium in (Medium.SMS, Medium.PHONE):
        return normal_phone(value, country=country)
    if medium is Medium.UPLOAD:
        return value  # the address its link was sent to, as it is on file
    return " ".join(_WORDS.findall(fold(value)))


def normal_mail(value: str) -> str:
    """In lower case; letters beyond ASCII stay as they are: the long s of one person would be the s of another."""
    value = value.strip()
    return value.lower() if value.isascii() else value.translate(_ASCII_LOWER)


def normal_phone(value: str, *, country: str = "RO") -> str:
    """E.164 where the number can be understood, else its digits."""
    digits = _NOT_DIGITS.sub("", value)
    if digits.startswith("+"):
        return digits  # already international: the library would cost fifty times as much
    import phonenumbers

    try:
        parsed = phonenumbers.parse(digits, country)
    except phonenumbers.NumberParseException:
        return digits
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
