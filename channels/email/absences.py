"""Whether the words of an unmarked answer are those of a program: out of office, or "we have received your message".

A sentence that none of these programs writes makes it a person's mail: a customer who mentions his holiday is one.
"""

import re

from channels.email import language, replies
from channels.email.quoting import PHRASES, any_of, at_a_word, fold

_LONGEST = 2_500  #: Characters of such an answer, quotation and all legal text left out.
_SOURCE = 5_000
_SENTENCE = re.compile(r"(?<=[^\d\s][.!?;:])\s+|\n\s*\n")
_LINE = re.compile(r"\n(?=\s*[^\W\d_a-z])")  #: One that begins with a capital goes on from none.
_WORD = re.compile(r"[^\W\d_]+")
_ABSENT = re.compile(any_of("automatic", "absent"))
_AUTOMATIC = re.compile(any_of("automatic", "is_automatic"))
_RECEIVED = re.compile(any_of("automatic", "received"))
_UNMONITORED = re.compile(any_of("automatic", "unmonitored"))
_LEFT = re.compile(any_of("automatic", "left"))
_FORWARDING = re.compile(any_of("automatic", "forwarding"))
_ELSEWHERE = re.compile(any_of("automatic", "elsewhere"))
#: Where a word begins, and in one search: most mails hold none of these, and a search takes its time of every mail.
_MAY_BE = re.compile(
    at_a_word(each for key in ("absent", "is_automatic", "unmonitored", "left") for each in PHRASES["automatic"][key])
)
_MAY_BE_AUTOMATIC = re.compile(at_a_word(PHRASES["automatic"]["is_automatic"]))  #: All that counts in no answer.
_USUAL = re.compile("|".join(any_of("automatic", key) for key in PHRASES["automatic"]))
_CONTACT = re.compile(r"@|(?:\+\d\d|\b0)\d[\d ()./-]{6,}|^(?:tel|mob|fax|e-?mail)\b")
_BUSINESS = re.compile(any_of("business", "words"))
_TO_ME = re.compile(any_of("business", "to_me"))
_MOST_WORDS_OF_A_NAME = 5
_MOST_WORDS_OF_CONTACT = 12
_LEAST_SENTENCES = 2
_LEAST_WORDS = 3


def wrote(text: str, *, subject: str, is_answer: bool) -> bool:
    """Whether a program wrote these words, told with certainty or not at all."""
    if not (_MAY_BE if is_answer else _MAY_BE_AUTOMATIC).search(fold(text[:_SOURCE])):
        return False
    own = replies.new_text(text[:_SOURCE], subject=subject, is_answer=is_answer).strip()
    if not own or len(own) > _LONGEST:
        return False
    folded = fold(own)
    if _AUTOMATIC.search(folded) and _RECEIVED.search(folded):
        return True
    sentences = _sentences(own)
    return _says_so(folded, sentences) and is_answer and all(_is_usual(one) for one in sentences)


def tells(text: str, *, subject: str) -> bool:
    """Whether an answer tells of an absence, asks nothing and speaks of no matter."""
    own = fold(replies.new_text(text[:_SOURCE], subject=subject, is_answer=True))
    return bool(_ABSENT.search(own)) and "?" not in own and not _BUSINESS.search(own)


def is_by_hand(text: str, *, subject: str) -> bool:
    """Whether an answer under the title of an absence says in words we know what no such program says."""
    own = replies.new_text(text[:_SOURCE], subject=subject, is_answer=True).strip()
    known = bool(_ABSENT.search(fold(own))) or language.guess(own) is not None
    sentences = (one for line in _LINE.split(own) for one in _sentences(line))
    return any(_is_persons(one, understood=known) for one in sentences)


def _is_persons(sentence: str, *, understood: bool) -> bool:
    """Whether a person wrote this: it asks, or speaks of a matter, or is no sentence of ours in a language we know."""
    if _is_usual(sentence):
        return False
    folded = fold(sentence)
    if _TO_ME.search(folded):
        return True
    if _FORWARDING.search(folded) or _ELSEWHERE.search(folded) or _CONTACT.search(folded):
        return False
    is_sentence = understood and len(_WORD.findall(sentence)) >= _LEAST_WORDS
    return "?" in sentence or bool(_BUSINESS.search(folded)) or is_sentence


def _sentences(own: str) -> list[str]:
    return [" ".join(one.split()) for one in _SENTENCE.split(own) if one.strip()]


def _says_so(folded: str, sentences: list[str]) -> bool:
    """Whether words say that nobody reads them here: absent, gone for good with all sent elsewhere, or not read."""
    if _UNMONITORED.search(folded):
        return True
    is_gone = bool(_LEFT.search(folded) and _FORWARDING.search(folded)) and not _TO_ME.search(folded)
    return len(sentences) >= _LEAST_SENTENCES and (is_gone or bool(_ABSENT.search(folded)))


def _is_usual(sentence: str) -> bool:
    """Whether such programs write this: an absence, a deputy, thanks, a name, a telephone number."""
    words = _WORD.findall(sentence)
    if "?" in sentence or _BUSINESS.search(fold(sentence)):
        return False
    if _USUAL.search(fold(sentence)) or not words:
        return True
    if len(words) <= _MOST_WORDS_OF_A_NAME and all(word[0].isupper() for word in words):
        return True
    return len(words) <= _MOST_WORDS_OF_CONTACT and bool(_CONTACT.search(fold(sentence)))
