"""Commands on clocks."""

from typing import Annotated

import typer

from inbox.cli import cli
from inbox.desk_commands.acting import Acting, act, show_ref

clock = typer.Typer(no_args_is_help=True, help="Clocks: what is owed by when.")
cli.add_typer(clock, name="clock")


@clock.callback()
def clocks() -> None:
    """Keep `extend` a command of its own, though it is the only one."""


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
