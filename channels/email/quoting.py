"""The words by which mail programs mark quoted, forwarded and added text, in the languages customers write in.

Everything is folded: lower case, no diacritics (`fold`). A new language is a word in each table.
"""

import re
import unicodedata

_MARKS = re.compile("[\u0300-\u036f]")

#: Verbs of "On <date>, <name> wrote:".
_WROTE = (
    r"wrote|writes|a scris|au scris|a trimis|scria|schrieb|schreibt|a ecrit|ecrivait|ha scritto|escribio|ha escrito|ezt irta|irta|"
    r"napisal(?:\(a\)|a|o)?|pisze|schreef|heeft geschreven|escreveu|skrev|kirjoitti|napsal(?:\(a\)|a)?|написал(?:\(а\)|а)?|пишет|пише|написа|yazdi|έγραψε|εγραψε"
)
#: What "On <date>" begins with.
_ON = (
    r"on|in data de|in data|in ziua de|in|la data de|la|pe data de|pe|am|le|en|il giorno|il|el dia|el|op|w dniu|dnia|em|no dia|den|dne|a|στις|tor"
)
_WEEKDAY = (
    r"(?:mon|tue|wed|thu|fri|sat|sun|lun|mar|mie|joi|vin|sam|dum|mo|di|mi|do|fr|sa|so|mer|jeu|ven|dim|gio|sab|dom|mie|jue|vie|"
    r"pon|wt|sr|czw|pt|sob|niedz|ma|wo|za|zo|het|ked|sze|csu|pen|szo|vas)[a-z]{0,8}\.?"
)
DATED = re.compile(r"\d{1,2}[:.h]\d{2}|\b(?:19|20)\d\d\b|\d{1,2}[./-]\d{1,2}[./-]|@")
SURE = re.compile(r"\d{1,2}[:.h]\d{2}|\S@\S")
WROTE = re.compile(rf"(?<!\w)(?:{_WROTE})(?!\w)|<\S+@\S+>")
ATTRIBUTION = re.compile(
    rf"(?:(?:{_ON})\s(?=.{{0,60}}\d)|{_WEEKDAY},?\s(?=.{{0,20}}\d)|\d{{1,4}}[./-]).{{3,400}}?(?:(?<!\w)(?:{_WROTE})(?!\w).{{0,200}}|<\S+@\S+>\s?):"
)
NAMED_ATTRIBUTION = re.compile(rf".{{2,250}}?(?<!\w)(?:{_WROTE})(?!\w).{{0,200}}:")

#: "-----Original Message-----" and its like; what follows is quoted, unless the whole mail is a forward.
ORIGINAL = re.compile(
    r"[\s>*]*[-_=]{2,}\s*(?:original (?:message|appointment|e-?mail|mail)|reply message|mesaj(?:ul)? (?:original|initial)|"
    r"e-?mail original|ursprungliche (?:nachricht|mail|e-?mail)|original-?(?:nachricht|mail)|originalnachricht|message (?:d.origine|original|initial)|"
    r"courriel original|messaggio (?:originale|originario)|mensaje original|mensagem original|eredeti (?:uzenet|level)|"
    r"(?:oryginalna wiadomosc|wiadomosc oryginalna)|oorspronkelijk bericht|originalmeddelande|ursprungligt meddelande|oprindelig meddelelse|"
    r"opprinnelig melding|alkuperainen viesti|puvodni zprava|povodna sprava|исходное сообщение|оригинальное сообщение|orijinal mesaj|αρχικο μηνυμα)\s*[-_=]{2,}\s*"
)
#: Forwarded text is what the writer wants to be read.
FORWARDED = re.compile(
    r"[\s>*]*(?:[-_=*]{2,}\s*)?(?:begin forwarded message|forwarded (?:message|by|mail)|(?:inceputul )?mesaj(?:ul|ului)? (?:redirectionat|transmis mai departe|inaintat|forwardat)|"
    r"mesaj redirectionat|(?:anfang der )?weitergeleitete[nr]? (?:nachricht|mail|e-?mail)|(?:debut du )?message (?:transfere|reexpedie)|"
    r"(?:inizio )?messaggio inoltrato|(?:inicio del )?mensaje reenviado|tovabbitott (?:uzenet|level)(?: kezdete)?|"
    r"(?:poczatek )?(?:przekazan[aej]+|przekazywanej) wiadomosci?c?|wiadomosc przekazana(?: dalej)?|(?:begin )?doorgestuurd bericht|"
    r"mensagem (?:encaminhada|reencaminhada)|vidarebefordrat meddelande|videresendt meddelelse|videresendt melding|"
    r"valitetty viesti|preposlana zprava|пересылаемое сообщение|iletilen mesaj)(?:[^\n]{0,80}[-_=*]{2,}|\s*:)\s*"
)
#: Subjects of forwards.
FORWARD_SUBJECT = re.compile(r"\s*(?:\[[^\]]{0,40}\]\s*)?(?:fwd?|wg|tr|rv|i|pd|enc|vb|vs|doorst|redir|fw|trimis|tov|továbbítás|tovabbitas|vl|inoltro)\s*(?:\[\d+\])?\s*:")
ANSWER_SUBJECT = re.compile(r"\s*(?:\[[^\]]{0,40}\]\s*)?(?:re|aw|ref|rif|sv|antw|odp|vá|va|r|res|raspuns|ynt|αη|回复|答复)\s*(?:\[\d+\])?\s*:")

#: The head of a quoted mail, as Outlook and others write it: which words name which field.
_HEAD = {
    "from": "from|de la|expeditor|von|de|da|mittente|felado|od|nadawca|van|afzender|expediteur|remitente|fran|fra|lahettaja|kimden|gonderen|от|от кого|απο",
    "date": "sent|date|trimis|trimis la|data|gesendet|gesendet am|datum|envoye|envoye le|inviato|data invio|enviado|enviado el|enviada em|fecha|kuldve|elkuldve|kuldes ideje|datum|idopont|wyslano|verzonden|skickat|sendt|lahetetty|gonderme tarihi|дата|отправлено",
    "to": "to|catre|destinatar|an|a|pour|para|cimzett|do|aan|destinataire|destinatario|till|til|kime|кому|la|προς",
    "subject": "subject|subiect|betreff|objet|oggetto|asunto|assunto|targy|temat|onderwerp|amne|emne|aihe|konu|тема|predmet|θεμα|re",
    "other": "cc|bcc|kopie|copie|importance|importanta|attachments|atasamente|reply-to|masolatot kap|dw",
}  # fmt: skip
HEAD = {word: kind for kind, listed in _HEAD.items() for word in listed.split("|")}

_DEVICE = (
    r"(?:iphone|ipad|ipod|android|samsung|galaxy|huawei|honor|xiaomi|redmi|poco|oppo|realme|motorola|nokia|oneplus|pixel|blackberry|"
    r"telefon|telephone|smartphone|mobil|handy|tablet|outlook|yahoo|gmail|gmx|web\.de|hotmail|proton|windows|mail app|aplicatia mail|komork|icloud|"
    r"celular|cellulare|movil|portable|tele?foon|okostelefon|aol)"
)
#: What a phone or an app adds under the words.
ADDED = re.compile(
    rf"(?:(?:sent|posted) (?:from|via|using|with|by)|trimis[ea]? (?:de pe|din|cu|prin|via|de la|folosind)|expediat de pe|(?:diese nachricht wurde )?(?:von|gesendet|mit|aus)|"
    rf"envoye (?:de|depuis|a partir|avec|via)|inviato (?:da|dal|dall|con|tramite)|enviado (?:desde|con|via|do|da|de|a partir)|(?:el)?kuldve|(?:az? )?.{{0,20}}kuldve|wysla(?:ne|no|ny|na) (?:z|za)|"
    rf"(?:verzonden|verstuurd) (?:vanaf|met|via|vanuit)|skickat fran|sendt fra|lahetetty)\b.{{0,40}}{_DEVICE}.{{0,80}}"
    r"|.{0,30}(?:get|download|obtineti|obtine|descarcati|holen sie sich|laden sie|telecharger|telechargez|obtenez|obtenir|ottieni|scarica|obtener|obtenga|descargar|pobierz|uzyskaj) "
    r".{0,20}outlook.{0,60}|outlook (?:voor|for) (?:ios|android) .{0,40}|.{0,20}virus-?free\.? ?.{0,60}avast.{0,40}|.{0,20}(?:fara virusi|virenfrei|sans virus|privo di virus|libre de virus|virusmentes).{0,60}"
)
#: Legal footers: how they begin, and the words of which they hold several.
FOOTER = re.compile(
    r"\b(?:this (?:e-?mail|message|communication|transmission)|the (?:information|content|contents) (?:of|contained|in)|acest (?:mesaj|e-?mail|document)|aceasta (?:comunicare|corespondenta)|"
    r"(?:informatiile|continutul|informatia) .{0,30}(?:mesaj|e-?mail)|mesajul de fata|diese (?:e-?mail|nachricht)|ce (?:message|courriel|mail)|(?:questo messaggio|questa e-?mail|le informazioni)|"
    r"este (?:mensaje|correo)|ez az? (?:uzenet|e-?mail|level)|niniejsz[aey]|ta wiadomosc|dit (?:bericht|e-?mail)|de informatie|confidentiality|disclaimer|confidential|clauza de confidentialitate|declaratie de confidentialitate|nota de confidentialitate)"
)
FOOTER_WORD = re.compile(
    r"confiden|vertraulich|riservat|bizalmas|poufn|vertrouwelijk|privileg|intended|destinat|destinazione|bestimmt|empfanger|cimzett|adresat|geadresseerde|bestemd|"
    r"unauthori|neautoriz|interzis|prohibit|unbefugt|in error|din eroare|din greseala|gresit|irrtum|par erreur|per errore|por error|teved|omylk|abusievelijk|"
    r"notify the sender|delete|stergeti|instiinta|notifica|loschen|supprimer|elimin|torol|usun|verwijder|virus|disclosure|divulg|copying|copiere|distribu"
)
GREEN = re.compile(
    r".{0,30}(?:consider the environment|think before (?:you )?print|before printing|protejati (?:mediul|natura)|ganditi-va la mediu|inainte de a (?:lista|printa|imprima|tipari)|pensez a l.environnement|denken sie an die umwelt).{0,200}"
)


def fold(line: str) -> str:
    """Give a line in lower case, without diacritics and with plain blanks."""
    line = line.lower()
    if line.isascii():
        return line
    folded = _MARKS.sub("", unicodedata.normalize("NFKD", line.replace("ł", "l").replace("\u2019", "'")))
    return folded
