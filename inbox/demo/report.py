"""The table the demo prints: every item that came, what it was taken for, where it went and why, what followed."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text
from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from inbox.demo.story import Told
from tickets import intake, wording
from tickets.intake import LedgerLine
from tickets.messages import DeliveryState, Medium, MessageKind
from tickets.models import ArrivalState, OutboxDelivery, Request, RequestItem, RequestState, TargetKind
from tickets.triage import Filed

_CAME_BY = {Medium.EMAIL: "mail", Medium.SMS: "text", Medium.LETTER: "letter"}
_FATES = {
    ArrivalState.FILED: "green",
    ArrivalState.DUPLICATE: "cyan",
    ArrivalState.QUARANTINED: "yellow",
    ArrivalState.DISCARDED: "dim",
    ArrivalState.RECEIVED: "red",
}
_SHOWN_LINKS = 3


def show(screen: Console, session: Session, told: Told) -> None:
    """Print what was asked, the table of arrivals, and one line of figures."""
    lines = intake.ledger(session)
    screen.print(_asked(session))
    items = select(Request.code, func.count()).join(Request.items).group_by(Request.code)
    sizes = {key: size for key, size in session.execute(items).tuples()}  # noqa: C416 - dict() takes a result for a mapping
    screen.print(_arrived(lines, told, sizes))
    for words in _figures(session, lines):
        screen.print(words)


def _asked(session: Session) -> Table:
    """Each request that is or was open: by which media it left, and which item came by which medium."""
    table = Table(title="What was asked, and what came", title_justify="left", expand=True)
    for heading, ratio in (("request", 2), ("left by", 3), ("items: how each was answered", 8), ("state", 1)):
        table.add_column(heading, ratio=ratio, overflow="fold")
    query = (
        select(Request)
        .where(Request.state != RequestState.DRAFT)
        .options(joinedload(Request.claim), joinedload(Request.superseded_by))
        .order_by(Request.code)
    )
    for request in session.scalars(query):
        deliveries = session.scalars(select(OutboxDelivery).where(OutboxDelivery.request_id == request.id))
        table.add_row(
            request.code,
            ", ".join(f"{_CAME_BY[each.medium]}: {_fate_of(each)}" for each in deliveries) or "another system",
            "\n".join(_item(item) for item in request.items),
            Text(request.state, style="bold green" if request.state is RequestState.ANSWERED else ""),
        )
    return table


def _item(item: RequestItem) -> str:
    words = f"{item.requirement.item.replace('_', ' ')}: {item.requirement.state}"
    return f"{words} by {_CAME_BY[item.answered_by.medium]}" if item.answered_by else words


def _fate_of(delivery: OutboxDelivery) -> str:
    """The state of a delivery, in the words people read."""
    if delivery.state is DeliveryState.QUEUED and delivery.detail:
        return f"waits ({delivery.detail.partition(': ')[2]})"
    return {DeliveryState.FAILED: "not reached", DeliveryState.REFUSED: "not reached"}.get(
        delivery.state, str(delivery.state)
    )


def _arrived(lines: Iterable[LedgerLine], told: Told, sizes: Mapping[str, int]) -> Table:
    table = Table(title="What came, and what became of it", title_justify="left", expand=True, show_lines=True)
    columns = (("#", 1), ("what came", 9), ("taken for", 6), ("linked to, and why", 11), ("what followed", 9))
    for heading, ratio in columns:
        table.add_column(heading, ratio=ratio, overflow="fold")
    for line in lines:
        arrival = line.arrival
        filed = told.filed.get(arrival.id)
        titles = told.titles.get(arrival.sha256) or told.titles.get(arrival.external_id)
        title = titles.popleft() if titles else "(not of the demo)"
        table.add_row(
            str(arrival.id),
            f"[bold]{_CAME_BY[arrival.medium]}[/] {escape(title)}",
            "\n".join(_taken_for(line, filed)),
            "\n".join(_links(filed)),
            "\n".join(_followed(line, filed, sizes)),
        )
    return table


def _taken_for(line: LedgerLine, filed: Filed | None) -> Iterator[str]:
    if filed is None or filed.message is None:
        yield "–"
        return
    if filed.inbound.kind is not MessageKind.MESSAGE:
        yield f"[magenta]{filed.inbound.kind.replace('_', ' ')}[/]"
        return
    language = f" ({filed.inbound.language})" if filed.inbound.language else ""
    for intent in filed.intents[:2]:
        yield f"{intent.kind.replace('_', ' ')} {intent.score:.2f}"
    if filed.gist.loss is not None and filed.opened is not None:
        yield f"[dim]loss on {filed.gist.loss.day} (“{escape(filed.gist.loss.words)}”)[/]"
    yield f"[dim]{line.arrival.medium}{language}[/]"


def _links(filed: Filed | None) -> Iterator[str]:
    if filed is None or filed.message is None:
        return
    links = filed.linking.links
    if not links:
        yield "[dim]nothing on file[/]"
    for link in [each for each in links if each.kind is not TargetKind.CUSTOMER][:_SHOWN_LINKS]:
        why = ", ".join(dict.fromkeys(reason.evidence for reason in link.reasons))
        style = {"active": "green", "unverified": "yellow"}.get(str(link.state), "dim")
        yield f"[{style}]{link.state}[/] {link.kind} {link.target} [dim]{link.score:.2f}: {why}[/]"


def _followed(line: LedgerLine, filed: Filed | None, sizes: Mapping[str, int]) -> Iterator[str]:
    arrival = line.arrival
    yield f"[{_FATES[arrival.state]}]{arrival.state}[/]" + (
        f" of {arrival.duplicate_of_id}" if arrival.duplicate_of_id else f" on {line.ticket}" if line.ticket else ""
    )
    if arrival.error:
        yield f"[yellow]{escape(arrival.error)}[/]: kept with its bytes, with a button to read it again"
    if filed is None:
        return
    for answer in filed.answers:
        if answer.requirement is not None:
            item = answer.requirement.item.replace("_", " ")
            yield f"[bold green]answers[/] {item}: {escape(answer.file.name)} [dim]{answer.score:.2f}[/]"
    if filed.opened is not None:
        yield f"draft claim {filed.opened.ref} ({filed.opened.type})"
    if filed.drafted is not None:
        state = "draft waits for a key" if filed.drafted.state is RequestState.DRAFT else "left by itself"
        yield f"request {filed.drafted.code}: {sizes.get(filed.drafted.code, 0)} items, {state}"
    for delivery in filed.queued:
        if delivery.template in wording.ACKNOWLEDGEMENTS:
            told = "names no claim" if delivery.template.endswith("neutral") else "acknowledged"
            yield f"[blue]sent[/] {_CAME_BY[delivery.medium]}: {told}"


def _figures(session: Session, lines: Iterable[LedgerLine]) -> Iterator[str]:
    """One line on what came, one on what was asked, one on what left."""
    fates = Counter(str(line.arrival.state) for line in lines)
    yield f"[bold]{sum(fates.values())} arrivals[/]: {_counted(fates)}"
    states = Counter(str(state) for state in session.scalars(select(Request.state)))
    yield f"[bold]{sum(states.values())} requests[/]: {_counted(states)}"
    query = select(OutboxDelivery.medium, OutboxDelivery.state, func.count()).group_by(
        OutboxDelivery.medium, OutboxDelivery.state
    )
    rows = [(f"{_CAME_BY[medium]} {state}", number) for medium, state, number in session.execute(query)]
    yield f"[bold]{sum(number for _, number in rows)} messages out[/]: {_counted(Counter(dict(rows)))}"


def _counted(counts: Counter[str]) -> str:
    return ", ".join(chain(f"{number} {word}" for word, number in sorted(counts.items())))
