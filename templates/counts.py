"""Numbers with their nouns, as customers read them (plural rules: Unicode CLDR for en and ro)."""

from templates.dates import joined

#: One, few and many of each noun; English has no "few".
_NOUNS = {
    "document": {"en": ("document", "documents"), "ro": ("document", "documente")},
    "answer": {"en": ("answer", "answers"), "ro": ("răspuns", "răspunsuri")},
    "item": {"en": ("item", "items"), "ro": ("lucru", "lucruri")},
    "day": {"en": ("day", "days"), "ro": ("zi", "zile")},
    "hour": {"en": ("hour", "hours"), "ro": ("oră", "ore")},
    "working_day": {"en": ("working day", "working days"), "ro": ("zi lucrătoare", "zile lucrătoare")},
}


def counted(number: int, noun: str, language: str) -> str:
    """1 document, 2 documents; 1 document, 2 documente, 20 de documente. Nouns: see the table above."""
    one, several = _NOUNS[noun]["ro" if language == "ro" else "en"]
    joint = " de" if language == "ro" and _takes_de(number) else ""
    return f"{number}{joint} {one if number == 1 else several}"


def wanted(documents: int, answers: int, language: str) -> str:
    """What a request asks for, in an e-mail or letter: 2 documents and 1 answer."""
    parts = [(documents, "document"), (answers, "answer")]
    return joined([counted(number, noun, language) for number, noun in parts if number], language)


def wanted_short(documents: int, answers: int, language: str) -> str:
    """What a request asks for, in an SMS: 2 documents, or 3 items where answers are among them. Plain ASCII."""
    return counted(documents + answers, "item" if answers else "document", language)


def _takes_de(number: int) -> bool:
    """In Romanian, numbers whose last two digits are 00 or 20 to 99 take `de` (CLDR category "other")."""
    return number != 0 and not 0 < number % 100 < 20  # noqa: PLR2004 - the rule's own figures
