"""Commands on tasks: handed to a department, answered."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from inbox.cli import _app, _ready, cli
from inbox.desk_commands.acting import Acting, Reason, act, colleague, read_day, read_word, say, say_row

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from inbox.app import App

task = typer.Typer(no_args_is_help=True, help="Tasks: handed to a department, answered.")
cli.add_typer(task, name="task")


@task.command("open")
def task_open(  # noqa: PLR0917 - one option each
    ref: Annotated[str, typer.Argument(help="The ticket or claim it is about.")],
    department: str,
    question: str,
    acting: Acting,
    due: Annotated[str, typer.Option("--due", help="The day by which the answer is needed.")] = "",
    kind: Annotated[
        str, typer.Option("--kind", help="question, or asf_file for the authority's request.")
    ] = "question",
    shows: Annotated[list[str] | None, typer.Option("--shows", help="A part of the claim it may see.")] = None,
    restricted: Annotated[bool, typer.Option("--restricted", help="SIU and legal alone see it.")] = False,  # noqa: FBT002 - typer's way
    wait: Annotated[bool, typer.Option("--wait", help="The ticket waits for the answer.")] = False,  # noqa: FBT002 - typer's way
) -> None:
    """Hand a question to a department."""
    from inbox import desk

    day = read_day(due, "--due")
    app, row = act(
        acting,
        lambda app, staff: desk.hand_off(
            app, ref, department, staff=staff, question=question, due_on=day, kind=kind, shows=shows or ["summary"],
            restricted=restricted, wait=wait,
        ),
    )  # fmt: skip
    _print_task(app, row.id)


@task.command("answer")
def task_answer(number: int, text: str, acting: Acting) -> None:
    """Answer a task."""
    from inbox import desk

    app, _ = act(acting, lambda app, staff: desk.answer_task(app, number, staff=staff, text=text))
    _print_task(app, number)


@task.command("cancel")
def task_cancel(number: int, acting: Acting, reason: Reason = "") -> None:
    """Call a task off."""
    from inbox import desk

    app, _ = act(acting, lambda app, staff: desk.cancel_task(app, number, staff=staff, reason=reason))
    _print_task(app, number)


@task.command("give")
def task_give(number: int, to: str, acting: Acting) -> None:
    """Put a task into one person's hands."""
    from inbox import desk

    app, _ = act(acting, lambda app, staff: desk.give_task(app, number, colleague(app, to), staff=staff))
    _print_task(app, number)


@task.command("list")
def task_list(
    acting: Annotated[str, typer.Option("--as", help="Who looks: what is restricted is listed for whom it is.")] = "",
    department: Annotated[str, typer.Option("--department")] = "",
    state: Annotated[str, typer.Option("--state", help="open, done, cancelled or all")] = "open",
) -> None:
    """List tasks, one line each, the soonest due first."""
    from inbox import desk
    from tickets import shown_work, tasks
    from tickets.models import TaskState

    wanted = None if state == "all" else read_word(TaskState, state, "--state")
    app = _ready(_app())
    with app.store.reading() as session:
        staff = desk.find_staff(session, acting) if acting else None
        names = shown_work.names(session)
        for row in tasks.listed(session, staff=staff, department=department, state=wanted):
            say(shown_work.task(row, names), f"{row.id}  {row.department}  {row.due_on or '-'}  {row.question}")


def _print_task(app: "App", number: int) -> None:
    from tickets import shown_work, tasks

    def shape(session: "Session", names: Mapping[int, str]) -> Mapping[str, Any]:
        return shown_work.task(tasks.get(session, number), names)

    say_row(app, shape, f"task {number}")
