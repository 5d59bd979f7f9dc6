"""Reasons to reject a document, each with ready words for the customer."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from tickets.catalogue import Wording


class Reason(StrEnum):
    """Why a document does not do."""

    ILLEGIBLE = "illegible"
    PAGE_MISSING = "page_missing"
    WRONG_PERSON = "wrong_person"
    WRONG_DOCUMENT = "wrong_document"
    WRONG_DATE = "wrong_date"
    UNSIGNED = "unsigned"
    EXPIRED = "expired"
    NOT_ITEMISED = "not_itemised"
    NOT_PROOF_OF_PAYMENT = "not_proof_of_payment"
    OTHER_LANGUAGE = "other_language"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """What a reason is called by the checks and to the customer."""

    code: str  #: The finding a rejected document is.
    words: Wording


#: What each reason means, in words that ask for the right thing without blame.
READY: Mapping[Reason, Ready] = MappingProxyType(
    {
        Reason.ILLEGIBLE: Ready(code="DOC-03", words=Wording(
            en="It cannot be read in full. Please send a sharper photo or scan with all four corners visible.",
            ro="Nu poate fi citit în întregime. Vă rugăm să trimiteți o fotografie sau o scanare mai clară, cu toate "
            "cele patru colțuri vizibile.")),
        Reason.PAGE_MISSING: Ready(code="DOC-07", words=Wording(
            en="A page is missing. Please send all pages.",
            ro="Lipsește o pagină. Vă rugăm să trimiteți toate paginile.")),
        Reason.WRONG_PERSON: Ready(code="DOC-06", words=Wording(
            en="It is about another person. Please send the one in the right name.",
            ro="Se referă la altă persoană. Vă rugăm să trimiteți documentul pe numele corect.")),
        Reason.WRONG_DOCUMENT: Ready(code="DOC-04", words=Wording(
            en="It is another document than the one we need.",
            ro="Este alt document decât cel de care avem nevoie.")),
        Reason.WRONG_DATE: Ready(code="DOC-04", words=Wording(
            en="Its date does not fit the event. Please send the one of the right date.",
            ro="Data nu corespunde evenimentului. Vă rugăm să trimiteți documentul cu data potrivită.")),
        Reason.UNSIGNED: Ready(code="DOC-02", words=Wording(
            en="The signature is missing. Please sign it and send it again.",
            ro="Lipsește semnătura. Vă rugăm să îl semnați și să îl trimiteți din nou.")),
        Reason.EXPIRED: Ready(code="DOC-05", words=Wording(
            en="It had expired. Please send one that was valid.",
            ro="Era expirat. Vă rugăm să trimiteți unul valabil.")),
        Reason.NOT_ITEMISED: Ready(code="DOC-04", words=Wording(
            en="It does not show a price for each item. Please send one that lists them.",
            ro="Nu arată prețul fiecărei poziții. Vă rugăm să trimiteți unul detaliat.")),
        Reason.NOT_PROOF_OF_PAYMENT: Ready(code="DOC-04", words=Wording(
            en="It does not prove that you paid. A fiscal receipt, a receipt or a bank transfer does; a card-terminal "
            "slip alone is not enough.",
            ro="Nu dovedește plata. Sunt acceptate bonul fiscal, chitanța sau ordinul de plată; chitanța de la POS "
            "singură nu ajunge.")),
        Reason.OTHER_LANGUAGE: Ready(code="DOC-08", words=Wording(
            en="It is in a language we cannot use. Please send a translation with it.",
            ro="Este într-o limbă pe care nu o putem folosi. Vă rugăm să trimiteți și o traducere.")),
    }
)  # fmt: skip


def ready(written: str | None) -> Ready | None:
    """The ready words of a reason, by its word or its label; None for a reason in somebody's own words."""
    word = (written or "").strip().lower().replace(" ", "_").replace("-", "_")
    return READY[Reason(word)] if word in set(Reason) else None


def words(written: str | None, language: str) -> str:
    """What the customer reads: the ready words, or the reason as somebody wrote it."""
    found = ready(written)
    return found.words.in_language(language) if found else (written or "")
