"""Commands on clocks."""

from typing import Annotated

import typer

from inbox.cli import cli
from inbox.desk_commands.acting import Acting, act, read_day, show_ref

clock = typer.Typer(no_args_is_help=True, help="Clocks: what is owed by when.")
cli.add_typer(clock, name="clock")


@clock.command("tell")
def clock_tell(
    ref: Annotated[str, typer.Argument(help="The ticket or claim it happened on.")],
    what: Annotated[str, typer.Argument(help="What has happened, in a word: answer_sent, repaired …")],
    acting: Acting,
    on: Annotated[str, typer.Option("--on", help="The day; today's if left out.")] = "",
) -> None:
    """Note what has happened and no other move tells: it starts, meets or moves the clocks that wait for it."""
    from inbox import desk

    day = read_day(on, "--on")
    app, _ = act(acting, lambda app, staff: desk.tell_clocks(app, ref, what, staff=staff, on=day))
    show_ref(app, ref, f"{ref}: {what}")


@clock.command("extend")
def clock_extend(
    ref: Annotated[str, typer.Argument(help="The ticket or claim it stands on.")],
    key: Annotated[str, typer.Argument(help="The clock, as `show` names it: gdpr.request.")],
    acting: Acting,
    reason: Annotated[str, typer.Option("--reason", help="Why, as the customer is to read it.")],
    by: Annotated[
        int | None, typer.Option("--by", help="How much, in the law's own unit; all it gives if left out.")
    ] = None,
) -> None:
    """Give a clock the further time its law allows, and tell the customer why and until when."""
    from inbox import desk

    app, _ = act(acting, lambda app, staff: desk.extend_clock(app, ref, key, staff=staff, reason=reason, number=by))
    show_ref(app, ref, f"{ref}: {key} extended")
