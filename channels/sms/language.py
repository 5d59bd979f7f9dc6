"""Guesses whether a short text is Romanian or English, without a model: a text is 160 characters of common words."""

from channels.sms.segments import fold

_ROMANIAN_LETTERS = frozenset("ăâîșțşţĂÂÎȘȚŞŢ")
_RO = """si de la cu nu este sunt am ai are pe un o in din pentru va ma mi imi sa ca ce cum cand unde mai dar sau asta
acest daca fost fi dumneavoastra dvs buna ziua multumesc multumim rog dosar dosarul dosarului despagubire polita poza
poze trimis trimit trimite atasat masina daune dauna salut seara acte actele documente banii cont da ieri azi maine
astazi gata sigur imediat merci primit vin vine sun suna sunati dimineata luni marti miercuri joi vineri sambata
duminica inca bine regula vreau doresc pot voi l te se ei eu noi revin astept raspuns cate zile plata bani am"""
_EN = """the and of to is are was were i my you your it this that have has not with for on at from can could please
thanks thank hello hi when where what how will would claim policy photo photos sent send attached car damage do did does
we our me be been a an in here documents yes no by if so just need done problem today yesterday tomorrow sure got it's
i'm i'll i've don't didn't let know call soon okay they them he she would there about any still waiting morning week"""
_WORDS = {"ro": frozenset(_RO.split()), "en": frozenset(_EN.split())}
_ENOUGH = 400  #: Characters that are looked at.


def language(text: str) -> str | None:
    """Say "ro", "en", or None if the words do not decide."""
    start = text[:_ENOUGH]
    if not _ROMANIAN_LETTERS.isdisjoint(start):
        return "ro"
    words = [word.strip(".,;:!?()\"'") for word in fold(start).casefold().split()]
    score = {code: sum(word in known for word in words) for code, known in _WORDS.items()}
    best = max(score, key=lambda code: score[code])
    return best if score[best] > min(score.values()) else None
