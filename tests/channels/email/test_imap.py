"""Picking up mail: nothing is lost, nothing is moved that is not safe, nothing secret leaves without TLS."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from channels.email.imap import Handle, Mailbox
from channels.email.imap_connection import Connection
from channels.email.settings import Imap
from tests.servers import dovecot
from tests.servers.certificates import Certificates
from tests.servers.imap import CUT, HANG, ScriptedImap, mail
from tickets.errors import ChannelError, ChannelRefusedError, ChannelUnavailableError

Open = Callable[..., Mailbox]
LETTER = b"From: Ana Pop <ana@exemplu.ro>\r\nSubject: Water in the kitchen\r\n\r\nPlease help.\r\n"
#: A server that moves by copying.
WITHOUT_MOVE = ("MOVE",)
WITHOUT_MOVE_AND_UIDPLUS = ("MOVE", "UIDPLUS")


@pytest.fixture
def offers_less(monkeypatch: pytest.MonkeyPatch) -> Callable[[tuple[str, ...]], None]:
    """Hide capabilities of Dovecot, as a poorer server would."""

    def hide(hidden: tuple[str, ...]) -> None:
        from imapclient import IMAPClient

        offered = IMAPClient.has_capability
        monkeypatch.setattr(IMAPClient, "has_capability", lambda self, name: name not in hidden and offered(self, name))

    return hide


def test_mail_is_handed_out_as_it_lies_in_the_mailbox(mailbox: dovecot.Mailbox, open_mailbox: Open) -> None:
    mailbox.deliver(LETTER, at=datetime(2026, 11, 23, 8, 0, tzinfo=UTC))

    [pickup] = open_mailbox().fetch()

    folder, validity, uid = pickup.external_id.split("/")
    assert pickup.raw == LETTER
    assert (folder, uid) == ("INBOX", "1")
    assert int(validity) > 0
    assert pickup.received_at == datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def test_fetching_leaves_mail_unread_for_people(mailbox: dovecot.Mailbox, open_mailbox: Open) -> None:
    mailbox.deliver(LETTER)

    list(open_mailbox().fetch())

    assert mailbox.flags() in ([], [""])


def test_mail_that_another_program_has_read_is_handed_out_too(mailbox: dovecot.Mailbox, open_mailbox: Open) -> None:
    mailbox.deliver(LETTER)
    list(open_mailbox().fetch())
    [file] = [*(mailbox.root / "cur").iterdir(), *(mailbox.root / "new").iterdir()]
    file.rename(mailbox.root / "cur" / (file.name.partition(":")[0] + ":2,S"))

    assert len(list(open_mailbox().fetch())) == 1


def test_mailbox_full_of_mail_comes_whole_and_in_order(mailbox: dovecot.Mailbox, open_mailbox: Open) -> None:
    for number in range(120):
        mailbox.deliver(b"Subject: %d\r\n\r\nHello\r\n" % number)

    found = list(open_mailbox().fetch())

    assert [pickup.raw for pickup in found] == [b"Subject: %d\r\n\r\nHello\r\n" % number for number in range(120)]


def test_acknowledged_mail_lies_in_the_done_folder(mailbox: dovecot.Mailbox, open_mailbox: Open) -> None:
    mailbox.deliver(LETTER)
    channel = open_mailbox()
    [pickup] = channel.fetch()

    channel.acknowledge_all([pickup.handle])

    assert (mailbox.mails(), mailbox.mails("Archive")) == ([], [LETTER])


def test_done_folder_that_another_poller_makes_after_we_looked_is_there_for_both(
    mailbox: dovecot.Mailbox, open_mailbox: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailbox.deliver(LETTER)
    mailbox.deliver(LETTER)
    channel, other = open_mailbox(), open_mailbox()
    first, second = channel.fetch()
    other.fetch()
    other.acknowledge_all([first.handle])
    monkeypatch.setattr(Connection, "exists", lambda *_: False)  # what we saw before the other made it

    channel.acknowledge_all([second.handle])

    assert (mailbox.mails(), mailbox.mails("Archive")) == ([], [LETTER, LETTER])


def test_done_folder_that_cannot_be_made_is_named(mailbox: dovecot.Mailbox, open_mailbox: Open) -> None:
    mailbox.deliver(LETTER)
    channel = open_mailbox(done="A/../B")
    [pickup] = channel.fetch()

    with pytest.raises(ChannelRefusedError, match=r"A/\.\./B cannot be made"):
        channel.acknowledge_all([pickup.handle])

    assert mailbox.mails() == [LETTER]


@pytest.mark.parametrize("missing", [WITHOUT_MOVE, WITHOUT_MOVE_AND_UIDPLUS])
def test_server_without_move_loses_nothing(
    mailbox: dovecot.Mailbox, open_mailbox: Open, offers_less: Callable[..., None], missing: tuple[str, ...]
) -> None:
    offers_less(missing)
    mailbox.deliver(LETTER)
    mailbox.deliver(b"Subject: not yet\r\n\r\nWait\r\n")
    channel = open_mailbox()
    first, second = channel.fetch()

    channel.acknowledge_all([first.handle])

    assert mailbox.mails("Archive") == [LETTER]
    assert [pickup.external_id for pickup in open_mailbox().fetch()] == [second.external_id]


def test_deleted_mail_of_other_people_is_not_expunged(
    mailbox: dovecot.Mailbox, open_mailbox: Open, offers_less: Callable[..., None]
) -> None:
    offers_less(WITHOUT_MOVE)
    mailbox.deliver(b"Subject: thrown away by mistake\r\n\r\nStill here\r\n")
    mailbox.deliver(LETTER)
    channel = open_mailbox()
    thrown_away, ours = channel.fetch()
    [file] = [file for file in mailbox.root.rglob("*.test*") if b"mistake" in file.read_bytes()]
    file.rename(mailbox.root / "cur" / (file.name.partition(":")[0] + ":2,T"))

    channel.acknowledge_all([ours.handle])

    assert [pickup.raw for pickup in open_mailbox().fetch()] == [thrown_away.raw]


def test_without_a_done_folder_mail_stays_and_does_not_come_back(mailbox: dovecot.Mailbox, open_mailbox: Open) -> None:
    mailbox.deliver(LETTER)
    mailbox.deliver(LETTER)
    channel = open_mailbox(done=None)
    first, second = channel.fetch()

    channel.acknowledge_all([first.handle])

    assert len(mailbox.mails()) == 2
    assert [pickup.external_id for pickup in open_mailbox(done=None).fetch()] == [second.external_id]


def test_handle_from_before_the_folder_was_made_anew_moves_nothing(
    mailbox: dovecot.Mailbox, open_mailbox: Open
) -> None:
    mailbox.deliver(LETTER, folder="Claims")
    channel = open_mailbox(folder="Claims")
    [old] = channel.fetch()
    channel.close()
    mailbox.remove("Claims")
    time.sleep(1.1)  # UIDVALIDITY is a number of seconds
    mailbox.deliver(b"Subject: another\r\n\r\nmail\r\n", folder="Claims")

    channel.acknowledge_all([old.handle])

    [new] = channel.fetch()
    assert new.raw == b"Subject: another\r\n\r\nmail\r\n"
    assert new.external_id != old.external_id


def test_mail_removed_by_somebody_while_we_fetch_is_no_error(mailbox: dovecot.Mailbox, open_mailbox: Open) -> None:
    for number in range(60):
        mailbox.deliver(b"Subject: %d\r\n\r\nHello\r\n" % number)
    other = open_mailbox()
    pickups = list(other.fetch())

    fetching = iter(open_mailbox().fetch())
    next(fetching)
    other.acknowledge_all([pickup.handle for pickup in pickups[55:]])

    assert 1 + len(list(fetching)) >= 55


def test_mail_over_the_limit_comes_as_its_headers_and_says_so(mailbox: dovecot.Mailbox, open_mailbox: Open) -> None:
    headers = b"Subject: Photos\r\nContent-Type: text/plain;\r\n charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n"
    mailbox.deliver(headers + b"\r\n" + b"QUFB\r\n" * 1000)
    mailbox.deliver(LETTER)

    large, small = open_mailbox(max_size=2000).fetch()

    assert large.raw.startswith(b"Subject: Photos\r\n\r\n[This mail has ")
    assert b"left on the mail server" in large.raw
    assert small.raw == LETTER


def test_folder_that_does_not_exist_is_named(open_mailbox: Open) -> None:
    with pytest.raises(ChannelRefusedError, match="Clams"):
        list(open_mailbox(folder="Clams").fetch())


def test_folder_name_in_romanian_is_found(mailbox: dovecot.Mailbox, open_mailbox: Open) -> None:
    mailbox.deliver(LETTER)
    channel = open_mailbox(done="Rezolvate și arhivate")

    channel.acknowledge_all([pickup.handle for pickup in channel.fetch()])

    assert mailbox.mails() == []
    assert len(list(open_mailbox(folder="Rezolvate și arhivate", done=None).fetch())) == 1


def test_wrong_password_is_a_matter_for_a_person(open_mailbox: Open) -> None:
    with pytest.raises(ChannelRefusedError, match="sign-in"):
        list(open_mailbox(password="wrong").fetch())


def test_starttls_is_used_before_the_password_is_shown(mailbox: dovecot.Mailbox, open_mailbox: Open) -> None:
    mailbox.deliver(LETTER)

    assert len(list(open_mailbox(tls="starttls", port=mailbox.server.port).fetch())) == 1


def test_certificate_of_a_stranger_is_refused(open_mailbox: Open, server_certificates: Certificates) -> None:
    with pytest.raises(ChannelRefusedError, match="not trusted"):
        list(open_mailbox(ca_file=server_certificates.ca).fetch())


def test_certificate_of_a_stranger_is_refused_after_starttls(
    mailbox: dovecot.Mailbox, open_mailbox: Open, server_certificates: Certificates
) -> None:
    with pytest.raises(ChannelRefusedError, match="not trusted"):
        list(open_mailbox(tls="starttls", port=mailbox.server.port, ca_file=server_certificates.ca).fetch())


@pytest.mark.parametrize(
    ("greeting", "answer"),
    [
        (b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] no STARTTLS here\r\n", b"TAG BAD what?\r\n"),
        (b"* OK [CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN] hello\r\n", b"TAG BAD not today\r\n"),
        (b"* OK [CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN] hello\r\n", b"TAG NO not today\r\n"),
        (b"* OK [CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN] hello\r\n", b"TAG OK go\r\n* OK and some clear text\r\n"),
        (b"* PREAUTH [CAPABILITY IMAP4rev1 STARTTLS] known already\r\n", b"TAG OK go\r\n"),
    ],
)
def test_no_credential_leaves_when_tls_is_stripped(
    scripted: ScriptedImap, at_scripted: Open, greeting: bytes, answer: bytes
) -> None:
    scripted.answer("greeting", greeting)
    scripted.always["STARTTLS"] = answer
    scripted.always["CAPABILITY"] = (
        b"* " + greeting[greeting.index(b"CAPABILITY") : greeting.index(b"]")] + (b"\r\nTAG OK done\r\n")
    )

    with pytest.raises(ChannelError):
        list(at_scripted(tls="starttls").fetch())

    assert not [line for line in scripted.seen if "LOGIN" in line or "AUTHENTICATE" in line or "secret" in line]


def test_clear_text_is_allowed_on_this_machine_only() -> None:
    with pytest.raises(ValidationError, match="tls"):
        Imap(host="mail.example.ro", tls="none")


@pytest.mark.parametrize("words", ["[UNAVAILABLE] later", "[LIMIT] too many connections", "[INUSE] locked"])
def test_sign_in_that_is_put_off_is_tried_later(scripted: ScriptedImap, at_scripted: Open, words: str) -> None:
    scripted.answer("AUTHENTICATE end", f"TAG NO {words}\r\n".encode())

    with pytest.raises(ChannelUnavailableError):
        list(at_scripted().fetch())


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(b"* 1 FETCH (UID 5)\r\nTAG OK done\r\n", id="no body"),
        pytest.param(b"* 1 FETCH (UID 5 BODY[] NIL)\r\nTAG OK done\r\n", id="NIL"),
        pytest.param(b'* 1 FETCH (UID 5 BODY[] "")\r\nTAG OK done\r\n', id="empty"),
        pytest.param(mail(6, LETTER) + b"TAG OK done\r\n", id="wrong UID"),
        pytest.param(b"* 5 FETCH (BODY[] {5}\r\nHello)\r\nTAG OK done\r\n", id="sequence number only"),
        pytest.param(b"* 1 FETCH (UID 5 FLAGS (\\Seen)\r\nTAG OK done\r\n", id="unbalanced"),
        pytest.param(b"TAG NO some messages are gone\r\n", id="refused"),
        pytest.param(b"TAG OK done\r\n", id="nothing"),
    ],
)
def test_half_an_answer_is_not_a_mail_and_is_said_aloud(
    scripted: ScriptedImap, at_scripted: Open, answer: bytes
) -> None:
    scripted.always["UID FETCH"] = answer
    channel, found = at_scripted(), []

    with pytest.raises(ChannelUnavailableError, match=r"cannot be fetched|FETCH"):
        found += list(channel.fetch())

    assert found == []
    assert not [line for line in scripted.seen if "MOVE" in line]


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(CUT, id="cut"),
        pytest.param(HANG, id="hang"),
        pytest.param(b"* BYE server is going down\r\n", id="bye"),
        pytest.param(b"* 1 FETCH (UID 5 BODY[] {99999999999}\r\n", id="huge literal"),
        pytest.param(b"* 1 FETCH (UID 5 BODY[] {100}\r\nshort", id="short literal"),
        pytest.param(b"* 1 FETCH (UID 5 BODY[] {3}\r\nSubject: Secret words)\r\nTAG OK done\r\n", id="long literal"),
        pytest.param(b"* " + b"x" * 1_000_001 + b"\r\n", id="long line"),
        pytest.param(b"Secret words\r\n", id="no IMAP"),
    ],
)
def test_broken_line_is_an_outage_and_the_next_call_connects_anew(
    scripted: ScriptedImap, at_scripted: Open, answer: bytes
) -> None:
    scripted.answer("UID FETCH", answer)
    scripted.always["UID FETCH"] = mail(5, LETTER) + b"TAG OK done\r\n"
    channel = at_scripted()

    with pytest.raises(ChannelUnavailableError) as raised:
        list(channel.fetch())

    assert "Secret" not in str(raised.value)
    assert [pickup.raw for pickup in channel.fetch()] == [LETTER]


def test_one_unreadable_answer_does_not_keep_the_other_mails(scripted: ScriptedImap, at_scripted: Open) -> None:
    scripted.always["SELECT"] = scripted.reply("SELECT").replace(b"* 1 EXISTS", b"* 3 EXISTS")
    scripted.always["UID SEARCH"] = b"* SEARCH 5 6 7\r\nTAG OK done\r\n"
    for uids, answer in {
        "5:7": b"* 1 FETCH (UID 5 BODY[] {1}\r\na) garbage)\r\nTAG OK done\r\n",
        "5": mail(5, b"five") + b"TAG OK done\r\n",
        "6:7": b"TAG NO not these\r\n",
        "6": b"TAG NO not this\r\n",
        "7": mail(7, b"seven") + b"TAG OK done\r\n",
    }.items():
        scripted.always[f"UID FETCH {uids} (UID INTERNALDATE BODY.PEEK[])"] = answer
    found: list[bytes] = []

    with pytest.raises(ChannelUnavailableError, match="UID 6"):
        found.extend(pickup.raw for pickup in at_scripted().fetch())

    assert found == [b"five", b"seven"]


@pytest.mark.parametrize("answer", [b"* SEARCH 5 -6 abc\r\nTAG OK done\r\n", b"* SEARCH 5 6x 7\r\nTAG OK done\r\n"])
def test_garbage_among_the_numbers_hides_no_mail(scripted: ScriptedImap, at_scripted: Open, answer: bytes) -> None:
    scripted.answer("UID SEARCH", answer)

    with pytest.raises(ChannelUnavailableError, match="list of mails"):
        list(at_scripted().fetch())


def test_list_shorter_than_the_folder_is_said_aloud_after_what_it_names(
    scripted: ScriptedImap, at_scripted: Open
) -> None:
    scripted.always["SELECT"] = scripted.reply("SELECT").replace(b"* 1 EXISTS", b"* 2 EXISTS")
    scripted.always["UID FETCH"] = mail(5, LETTER) + b"TAG OK done\r\n"
    found: list[bytes] = []

    with pytest.raises(ChannelUnavailableError, match="fewer"):
        found.extend(pickup.raw for pickup in at_scripted().fetch())

    assert found == [LETTER]


def test_numbers_of_a_server_without_uidvalidity_identify_nothing(scripted: ScriptedImap, at_scripted: Open) -> None:
    scripted.always["SELECT"] = scripted.reply("SELECT").replace(b"* OK [UIDVALIDITY 7] ok\r\n", b"")
    scripted.always["UID FETCH"] = mail(5, LETTER) + b"TAG OK done\r\n"
    [first] = at_scripted().fetch()
    scripted.always["UID FETCH"] = mail(5, b"Subject: another mail\r\n\r\n") + b"TAG OK done\r\n"
    channel = at_scripted()
    [second] = channel.fetch()

    channel.close()
    channel.acknowledge_all([second.handle])

    assert first.external_id != second.external_id
    assert not [line for line in scripted.seen if "MOVE" in line]


def test_server_that_keeps_no_keywords_is_remembered_for(scripted: ScriptedImap, at_scripted: Open) -> None:
    scripted.always["SELECT"] = scripted.reply("SELECT").replace(b"\\*", b"\\Flagged")
    scripted.always["UID FETCH"] = mail(5, LETTER) + b"TAG OK done\r\n"
    channel = at_scripted(done=None)
    [pickup] = channel.fetch()

    channel.acknowledge_all([pickup.handle])

    assert list(channel.fetch()) == []
    assert len(list(at_scripted(done=None).fetch())) == 1


def test_connection_that_died_while_the_mailbox_was_quiet_is_replaced(
    scripted: ScriptedImap, at_scripted: Open
) -> None:
    scripted.always["UID FETCH"] = mail(5, LETTER) + b"TAG OK done\r\n"
    channel = at_scripted()
    list(channel.fetch())
    scripted.answer("SELECT", CUT)

    assert len(list(channel.fetch())) == 1


def test_new_mail_ends_the_waiting(mailbox: dovecot.Mailbox, open_mailbox: Open) -> None:
    channel = open_mailbox()
    assert list(channel.fetch()) == []
    threading.Timer(0.3, mailbox.deliver, [LETTER]).start()

    began = time.monotonic()
    assert channel.wait(20)
    assert time.monotonic() - began < 10
    assert len(list(channel.fetch())) == 1


def test_mail_that_came_before_the_waiting_ends_it_at_once(mailbox: dovecot.Mailbox, open_mailbox: Open) -> None:
    channel = open_mailbox()
    list(channel.fetch())
    mailbox.deliver(LETTER)

    began = time.monotonic()
    assert channel.wait(20)
    assert time.monotonic() - began < 10


def test_mail_left_in_the_folder_does_not_end_the_waiting(mailbox: dovecot.Mailbox, open_mailbox: Open) -> None:
    mailbox.deliver(LETTER)
    channel = open_mailbox()
    list(channel.fetch())

    assert not channel.wait(0.2)


def test_server_without_idle_is_waited_for(scripted: ScriptedImap, at_scripted: Open) -> None:
    scripted.always["CAPABILITY"] = b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\nTAG OK done\r\n"
    scripted.answer("greeting", b"* OK hello\r\n")

    assert not at_scripted().wait(0.05)
    assert not [line for line in scripted.seen if "IDLE" in line]


def test_news_before_the_server_listens_end_the_waiting(scripted: ScriptedImap, at_scripted: Open) -> None:
    scripted.always["UID FETCH"] = mail(5, LETTER) + b"TAG OK done\r\n"
    channel = at_scripted()
    list(channel.fetch())
    scripted.answer("IDLE", b"* 2 EXISTS\r\n+ idling\r\n")

    assert channel.wait(5)
    assert len(list(channel.fetch())) == 1


def test_line_cut_while_waiting_is_an_outage(scripted: ScriptedImap, at_scripted: Open) -> None:
    scripted.always["UID FETCH"] = mail(5, LETTER) + b"TAG OK done\r\n"
    channel = at_scripted()
    list(channel.fetch())
    scripted.answer("IDLE", CUT)

    with pytest.raises(ChannelUnavailableError):
        channel.wait(5)


def test_large_mailbox_is_listed_in_pieces(scripted: ScriptedImap, at_scripted: Open) -> None:
    scripted.always["SELECT"] = scripted.reply("SELECT").replace(b"* 1 EXISTS", b"* 120000 EXISTS")
    for window, first in (("1:50000", 1), ("50001:100000", 50001), ("100001:*", 100001)):
        numbers = b" ".join(b"%d" % uid for uid in range(first, min(first + 50000, 120001)))
        scripted.always[f"UID SEARCH {window} ALL"] = b"* SEARCH " + numbers + b"\r\nTAG OK done\r\n"
    connection = Connection(
        "claims-mail",
        Imap(host=scripted.host, port=scripted.port, tls="none", user="claims", password="secret"),
        None,
    )
    count = connection.select("INBOX").count

    assert connection.search("ALL", count=count) == list(range(1, 120001))
    connection.leave()


def test_many_are_moved_in_one_command(scripted: ScriptedImap, at_scripted: Open) -> None:
    at_scripted().acknowledge_all([Handle("7", uid) for uid in (9, 1, 2, 3, 5)])

    assert [line.partition(" ")[2] for line in scripted.seen if "MOVE" in line] == ['UID MOVE 1:3,5,9 "Archive"']
