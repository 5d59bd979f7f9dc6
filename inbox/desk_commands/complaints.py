"""Commands on complaints and their register."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from inbox.cli import _app, _ready, cli
from inbox.desk_commands.acting import Acting, act, colleague, say, say_row

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from inbox.app import App

complaint = typer.Typer(no_args_is_help=True, help="Complaints and their register.")
cli.add_typer(complaint, name="complaint")


@complaint.command("register")
def complaint_register(
    ref: Annotated[str, typer.Argument(help="The ticket or claim it is about.")],
    subject: str,
    acting: Acting,
    sal: Annotated[bool, typer.Option("--sal", help="The customer has asked for out-of-court settlement.")] = False,  # noqa: FBT002 - typer's way
) -> None:
    """Enter a complaint in the register."""
    from inbox import desk

    app, row = act(
        acting, lambda app, staff: desk.register_complaint(app, ref, staff=staff, subject=subject, sal_request=sal)
    )
    _print_complaint(app, row.number)


@complaint.command("assign")
def complaint_assign(number: str, to: str, acting: Acting) -> None:
    """Give a complaint to somebody who had no part in the decision."""
    from inbox import desk

    app, _ = act(acting, lambda app, staff: desk.assign_complaint(app, number, colleague(app, to), staff=staff))
    _print_complaint(app, number)


@complaint.command("settle")
def complaint_settle(
    number: str,
    acting: Acting,
    outcome: Annotated[str, typer.Option("--outcome", help="The reasons, for the register.")],
    founded: Annotated[bool, typer.Option("--founded/--unfounded", help="A founded one reopens the claim.")],
    answer: Annotated[str, typer.Option("--answer", help="What is written to who complained.")] = "",
) -> None:
    """Settle a complaint and answer it."""
    from inbox import desk

    app, _ = act(
        acting,
        lambda app, staff: desk.settle_complaint(
            app, number, staff=staff, founded=founded, outcome=outcome, answer=answer
        ),
    )
    _print_complaint(app, number)


@complaint.command("list")
def complaint_list(
    year: Annotated[int, typer.Option("--year")] = 0,
    out: Annotated[Path | None, typer.Option("--csv", help="Write the register to this file.")] = None,
) -> None:
    """List the register, one line each, or write it as a table."""
    from tickets import complaints, shown_work

    app = _ready(_app())
    now = app.clock()
    with app.store.reading() as session:
        rows, names = complaints.listed(session, year=year or None), shown_work.names(session)
        lines = [complaints.line(row, app.office, now=now) for row in rows]
        if out is not None:
            out.write_bytes(complaints.as_csv(lines).encode("utf-8-sig"))
        for row in rows:
            record = shown_work.complaint(row, names, app.office, now=now)
            say(record, f"{row.number}  {record['received_on']}  {record['claim']}  {record['outcome'] or 'open'}")


def _print_complaint(app: "App", number: str) -> None:
    from tickets import complaints, shown_work

    def shape(session: "Session", names: Mapping[int, str]) -> Mapping[str, Any]:
        row = complaints.find(session, number)
        shown = shown_work.complaint(row, names, app.office, now=app.clock())
        return {
            **shown,
            "claim_state": row.claim.state if row.claim else None,
            "overturned": complaints.overturned(session),
        }

    say_row(app, shape, f"complaint {number}")
