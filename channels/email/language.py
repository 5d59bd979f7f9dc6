"""Whether a text is Romanian or English, told from its commonest words and letters, or not told."""

import re

_WORD = re.compile(r"[^\W\d_]+")
_SAMPLE = 3_000  #: Characters looked at.
_LEAST = 2  #: Hits a language needs.

_ROMANIAN = frozenset(
    "acest aceasta acestui aceste aceasta adaug ai am anexez are asigurare as astept atasat atasez au aveti avem buna ca "
    "cand care catre ce cel cei cele cerere cererea cu cum da daca dauna daune de deja din doamna domnule dosar dosarul "
    "dosarului dumneavoastra dvs este eu fi fost fara il imi in inca intr intre intrebare la le li lor lui mai masina "
    "masinii mea mele meu mi multumesc multumim nici noastre nostru noi nu o pe pentru poate polita politei prin privind "
    "puteti raspuns rog sa salut sau se si spre stimata stimate sunt sunteti suntem trebuie trimis trimit trimiteti un "
    "unei unui va vad vi voi vom vreau vrem zi ziua".split()
)
_ENGLISH = frozenset(
    "a about again all also am an and any are as at attached be because been but by call can claim could dear did do does "
    "enclosed find for from get had has have he hello her him his how i if in is it its just know let like me my "
    "need no not of on or our out please policy regards send sent she should since so still thank thanks that the their "
    "them then there they this to us was we were what when which who will with would yes you your yours".split()
)
_OTHER = frozenset(
    "aber auf avec aux bonjour con das dass dans dem den der des die ein eine el est et gli het hogy ich il ist je les los "
    "mit moi nicht nie nous oder para per pour que qui sich sie sur und une van von vous wij wir zu zum zur".split()
)
_FOLD = str.maketrans("ăâîșşțţ", "aaisstt")


def guess(text: str) -> str | None:
    """Say "ro" or "en" when one is clearly likelier than the other and than a third language, else None."""
    sample = text[:_SAMPLE].lower()
    found = _WORD.findall(sample.translate(_FOLD))
    letters = sum(sample.count(letter) for letter in "ășşțţ")
    romanian = sum(word in _ROMANIAN for word in found) + min(letters, len(found))
    english = sum(word in _ENGLISH for word in found)
    other = sum(word in _OTHER for word in found)
    best = max(romanian, english)
    if best < _LEAST or other >= best or abs(romanian - english) * 4 < best:
        return None
    return "ro" if romanian > english else "en"
