"""The command line: one function a command; it parses, calls, prints, and says with its exit code how it went.

0 done, 1 the answer is "no" or a check failed, 2 bad usage or configuration, 3 a needed service is unavailable.
Imports are lazy: the whole core takes seconds, and `--help` should not.
"""

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from tickets.errors import (
    ChannelRefusedError,
    ChannelUnavailableError,
    ClaimdeskError,
    ConfigurationError,
    ImportFileError,
)

if TYPE_CHECKING:
    from rich.console import Console

    from inbox.app import App
    from inbox.reading import Readers, Unread
    from tickets.messages import InboundMessage

DONE, NO, BAD_USAGE, UNAVAILABLE = range(4)

cli = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="claimdesk: the inbox of a claims desk.",
)
users = typer.Typer(no_args_is_help=True, help="The people who sign in.")
imports = typer.Typer(no_args_is_help=True, help="Bring in customers, policies, claims, payments, or a whole world.")
cli.add_typer(users, name="user")
cli.add_typer(imports, name="import")


class Options:
    """The global options of this call."""

    def __init__(self) -> None:
        """Begin with the defaults."""
        self.config = Path("config.toml")
        self.json = False
        self.now: datetime | None = None
        self.opened = ExitStack()  #: What the command has opened and `main` closes.


options = Options()


@cli.callback()
def _options(
    config: Annotated[Path, typer.Option("--config", help="The configuration file.")] = Path("config.toml"),
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON to stdout and nothing else.")] = False,  # noqa: FBT002 - typer's way
    now: Annotated[str, typer.Option("--now", help="Take this moment for now (dry runs and read commands).")] = "",
) -> None:
    options.config, options.json = config, as_json
    options.now = _moment(now) if now else None
    _quiet_logs()


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run one command; global options may stand before or after it."""
    try:
        code = cli(_fronted(list(sys.argv[1:] if arguments is None else arguments)), standalone_mode=False)
    except typer.Abort:
        sys.exit(NO)
    except (ConfigurationError, ImportFileError) as error:
        _complain(error, BAD_USAGE)
    except (ChannelUnavailableError, ChannelRefusedError) as error:
        _complain(error, UNAVAILABLE)
    except ClaimdeskError as error:
        _complain(error, NO)
    except Exception as error:
        meant = _exit_code(error)
        if meant is None:
            raise
        _complain(error, meant)
    finally:
        options.opened.close()
    sys.exit(code if isinstance(code, int) else DONE)  # typer gives back the code of `typer.Exit`


def _exit_code(error: Exception) -> int | None:
    """Bad usage is typer's to word; a store that does not answer is a service that is unavailable."""
    if hasattr(error, "format_message"):
        return BAD_USAGE
    from sqlalchemy.exc import OperationalError

    return UNAVAILABLE if isinstance(error, OperationalError) else None


def _complain(error: Exception, code: int) -> NoReturn:
    words = error.format_message() if hasattr(error, "format_message") else str(error)
    print(f"claimdesk: {words}", file=sys.stderr)  # noqa: T201 - the command line speaks
    sys.exit(code)


def _fronted(arguments: list[str]) -> list[str]:
    """Move the global options to the front."""
    front: list[str] = []
    rest: list[str] = []
    words = iter(arguments)
    for word in words:
        if word == "--json" or word.startswith(("--config=", "--now=")):
            front.append(word)
        elif word in ("--config", "--now"):
            front += [word, next(words, "")]
        else:
            rest.append(word)
    return front + rest


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigurationError(f"--now {text}: write a moment with its zone, 2026-11-23T10:00+02:00") from None
    if moment.tzinfo is None:
        raise ConfigurationError(f"--now {text}: add the zone, as in 2026-11-23T10:00+02:00")
    return moment


def _quiet_logs() -> None:
    """Logs go to stderr, as one line each; warnings and worse, or everything with CLAIMDESK_LOG=info."""
    import logging
    import os

    import structlog

    level = logging.getLevelNamesMapping().get(os.environ.get("CLAIMDESK_LOG", "warning").upper(), logging.WARNING)
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),  # as it is when a line is written
    )


def _app(*, changes: bool = False) -> "App":
    """The installation; a command that changes a live store refuses `--now`."""
    from inbox.app import App
    from inbox.clock import fixed, now

    if changes and options.now is not None:
        raise ConfigurationError("--now is for dry runs and read commands; this command changes the store")
    app = App.from_file(options.config, clock=fixed(options.now) if options.now else now)
    options.opened.callback(app.close)
    return app


def _ready(app: "App") -> "App":
    """Refuse to work on tables of another version."""
    if not app.store.is_current():
        raise ConfigurationError("the store has other tables than this version: run `claimdesk init`")
    return app


def _print_json(value: object) -> None:
    print(json.dumps(value, ensure_ascii=False, default=str))  # noqa: T201 - the command line speaks


def _console() -> "Console":
    from rich.console import Console

    return Console(stderr=True, soft_wrap=True, highlight=False)


# --- setting up


@cli.command()
def init(
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing; show a generated password once.")] = False,  # noqa: FBT002 - typer's way
) -> None:
    """Write config.toml if there is none, migrate the store, create the first administrator."""
    from inbox import accounts, setup

    made = setup.write_config(options.config)
    app = _app(changes=True)
    setup.migrate(app)
    password = None if yes else typer.prompt("Password of admin@localhost", hide_input=True, confirmation_prompt=True)
    known = any(staff.email == "admin@localhost" and staff.password_hash for staff in accounts.everybody(app))
    if not known:
        password = accounts.add(app, name="Administrator", email="admin@localhost", roles=["admin"], password=password)
    if options.json:
        _print_json({"email": "admin@localhost", "password": None if known else password})
        return
    console = _console()
    console.print(f"{'wrote' if made else 'kept'} {options.config}; the store is ready")
    if known:
        console.print("admin@localhost exists already; its password stays as it is")
    elif yes:
        console.print(f"sign in as admin@localhost with {password} (shown only now)")


@users.command("add")
def user_add(
    name: str,
    email: Annotated[str, typer.Option("--email")],
    role: Annotated[list[str], typer.Option("--role")],
    yes: Annotated[bool, typer.Option("--yes", help="Generate the password and show it once.")] = False,  # noqa: FBT002 - typer's way
) -> None:
    """Add somebody who may sign in."""
    from inbox import accounts
    from tickets.models import Role

    if unknown := set(role) - set(Role):
        raise ConfigurationError(f"--role {', '.join(sorted(unknown))}: there are {', '.join(Role)}")
    app = _ready(_app(changes=True))
    typed = None if yes else typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    password = accounts.add(app, name=name, email=email, roles=role, password=typed)
    if options.json:
        _print_json({"email": email, "password": password})
    elif yes:
        _console().print(f"{email} signs in with {password} (shown only now)")


@users.command("list")
def user_list() -> None:
    """List everybody who may sign in."""
    from inbox import accounts

    for staff in accounts.everybody(_ready(_app())):
        record = {"name": staff.name, "email": staff.email, "roles": staff.roles, "active": staff.active}
        if options.json:
            _print_json(record)
        else:
            _console().print(f"{staff.name}  {staff.email}  {', '.join(staff.roles)}")


@users.command("change")
def user_change(
    email: str,
    acting: Annotated[str, typer.Option("--as", help="Who acts: id, e-mail address or name.")],
    role: Annotated[list[str] | None, typer.Option("--role", help="All the roles from now on.")] = None,
    language: Annotated[str | None, typer.Option("--language")] = None,
    active: Annotated[bool | None, typer.Option("--active/--inactive", help="Let in again, or shut out.")] = None,
) -> None:
    """Change a colleague's roles or language, shut him out or let him in again."""
    from inbox import accounts
    from inbox.desk_commands.acting import act

    act(
        acting,
        lambda app, staff: accounts.change(app, email, staff=staff, roles=role, language=language, active=active),
    )
    user_list()


@cli.command("check-config")
def check_config() -> None:
    """Load the configuration and try everything it names; one line each."""
    from inbox import setup

    findings = list(setup.check(_app()))
    for each in findings:
        if options.json:
            _print_json({"part": each.part, "ok": each.ok, "unavailable": each.unavailable, "says": each.says})
        else:
            mark = "[green]ok[/]" if each.ok else "[red]no[/]"
            _console().print(f"{mark}  {each.part}: {each.says}", markup=True)
    if any(each.unavailable for each in findings):
        raise typer.Exit(UNAVAILABLE)
    if not all(each.ok for each in findings):
        raise typer.Exit(NO)


# --- running


@cli.command()
def run() -> None:
    """Everything in one process tree: schedule, workers, web."""
    from inbox import running
    from inbox.schedule import Part

    running.run(_ready(_app(changes=True)), parts=list(Part), web=True)


@cli.command()
def web() -> None:
    """The pages alone."""
    from inbox import running

    running.run(_ready(_app(changes=True)), parts=[], web=True)


@cli.command()
def work() -> None:
    """The workers alone: process what waits and send what is due."""
    from inbox import running
    from inbox.schedule import Part

    running.run(_ready(_app(changes=True)), parts=[Part.WORK], web=False)


@cli.command()
def schedule() -> None:
    """The schedule alone: ask the channels for what is new, and sweep; one process at a time holds it."""
    from inbox import running
    from inbox.schedule import Part

    running.run(_ready(_app(changes=True)), parts=[Part.RECEIVE], web=False)


@cli.command()
def poll(
    channels: Annotated[list[str] | None, typer.Argument(help="The channels to ask; all if none is named.")] = None,
    once: Annotated[bool, typer.Option("--once", help="Stop when nothing is waiting.")] = False,  # noqa: FBT002 - typer's way
) -> None:
    """Pick up from all or the named channels, file, and send what is due."""
    from inbox import running
    from inbox.schedule import Part

    app = _ready(_app(changes=True))
    names = _named(app, channels)
    if not once:
        running.run(app, parts=list(Part), web=False, channels=names)
        return
    outcome = running.once(app, names, console=None if options.json else _console())
    if options.json:
        _print_json(outcome.as_json())
    if outcome.trouble:
        raise typer.Exit(UNAVAILABLE)


def _named(app: "App", channels: Iterable[str] | None) -> list[str]:
    names = list(channels or app.settings.channels)
    for name in names:
        app.settings.channel(name)
    return names


# --- reading and looking


@cli.command()
def read(paths: list[Path]) -> None:
    """Say what raw e-mails, texts and scans mean, without storing anything."""
    from inbox import shapes
    from inbox.files import found, recognised
    from inbox.reading import Limits, Readers

    settings = _settings_if_any()
    with Readers(Limits(seconds=180, megabytes=3072)) as scans, Readers(Limits()) as mails:
        for path in found(paths):
            reader, medium = recognised(path)
            outcome = _outcome(path, scans if medium == "letter" else mails, reader=reader, app=settings)
            record = shapes.read(path, outcome, medium)
            if options.json:
                _print_json(record)
            else:
                _console().print(f"{path}: {record['kind']}, {record['subject']!r}, {record['error'] or 'read'}")


def _settings_if_any() -> "App | None":
    return _app() if options.config.exists() or options.config != Path("config.toml") else None


def _outcome(path: Path, readers: "Readers", *, reader: str, app: "App | None") -> "InboundMessage | Unread":
    from inbox.files import content
    from inbox.reading import Item, Unread
    from tickets.errors import UnreadableError

    settings = None
    if app is not None:
        name = next((name for name in app.settings.channels if app.settings.kind_of(name) == reader), None)
        settings = app.settings.channel(name) if name else None
    try:
        item = Item(reader=reader, raw=content(path), settings=settings)
    except UnreadableError as error:
        return Unread(why=str(error), final=True)
    return readers.read([item])[0]


@cli.command()
def triage(files: list[Path]) -> None:
    """Say what would become of files, against the store, without storing anything."""
    from inbox import rehearsal, shapes
    from inbox.files import found

    app = _ready(_app())
    for path in found(files):
        outcome = rehearsal.triage(app, path, shapes.triage)
        if isinstance(outcome, str):
            _print_json({"file": str(path), "error": outcome, "links": [], "intents": [], "answers": [],
                         "references": [], "creates_claim": False, "ticket": None, "would_send": [],
                         "disclose": False})  # fmt: skip
            continue
        if options.json:
            _print_json(outcome)
        else:
            _console().print_json(json.dumps(outcome, ensure_ascii=False, default=str))


@cli.command()
def show(
    ref: str,
    acting: Annotated[str, typer.Option("--as", help="Who looks; SIU and legal see restricted tickets too.")] = "",
) -> None:
    """Show a ticket, claim, policy or request."""
    from inbox import desk
    from tickets import shown
    from tickets.tasks import sees_restricted

    app = _ready(_app())
    with app.store.reading() as session:
        staff = desk.find_staff(session, acting) if acting else None
        record = shown.any(session, ref, app.office, now=app.clock(), restricted=sees_restricted(staff))
    if options.json:
        _print_json(record)
    else:
        _console().print_json(json.dumps(record, ensure_ascii=False, default=str))


@cli.command()
def evaluate(
    claim: str,
    stage: Annotated[str, typer.Option("--stage", help="fnol, decision or payment; the next one if none.")] = "",
    explain: Annotated[bool, typer.Option("--explain", help="Every finding with its clause and inputs.")] = False,  # noqa: FBT002 - typer's way
    language: Annotated[str, typer.Option("--language", help="en or ro; the office's if none.")] = "",
) -> None:
    """Say what the checks find in a claim, what is missing, and what is payable."""
    from inbox import evaluating
    from tickets.catalogue import Stage

    if stage and stage not in set(Stage):
        raise ConfigurationError(f"--stage {stage}: there are {', '.join(Stage)}")
    app = _ready(_app())
    result = evaluating.evaluate(app, claim, stage=Stage(stage) if stage else None)
    record = evaluating.as_json(result, app.office.language(language))
    if options.json:
        _print_json(record)
    else:
        evaluating.print_for_people(_console(), record, stage=result.stage, whole=explain)


@cli.command()
def preview(
    template: Annotated[str, typer.Argument(help="The message, as its folder is called; all if none is named.")] = "",
    language: Annotated[str, typer.Option("--language", help="en or ro; both if left out.")] = "",
    medium: Annotated[str, typer.Option("--medium", help="email, sms or letter; all it has if left out.")] = "",
) -> None:
    """Show the words of a message with sample values, your own templates included."""
    from inbox import previews

    app = _settings_if_any()
    shown = list(previews.previews(app.office if app else None, template, language, medium))
    for each in shown:
        if options.json:
            _print_json(each)
        else:
            _console().rule(f"{each['template']} {each['language']} {each['medium']}")
            _console().print(each["error"] or f"{each['subject']}\n\n{each['text']}", markup=False)
    if any(each["error"] for each in shown):
        raise typer.Exit(NO)


@cli.command()
def replay(claim: str) -> None:
    """Recompute a claim's past decisions from what was known then, and compare; 1 if anything differs."""
    from inbox import evaluating

    replayed = evaluating.replay(_ready(_app()), claim)
    for each in replayed:
        if options.json:
            _print_json(evaluating.replayed_as_json(each))
            continue
        _console().print(f"decision {each.number} ({each.kind}): {'the same' if each.is_same else 'differs'}")
        if each.rules_then != each.rules_now:
            _console().print(f"  the rules have changed since: {each.rules_then} then, {each.rules_now} now")
        for difference in each.differences:
            _console().print(f"  {difference}", markup=False)
    if not replayed:
        _console().print(f"{claim}: no decision was made from an evaluation yet")
    if not all(each.is_same for each in replayed):
        raise typer.Exit(NO)


@cli.command()
def intake(
    action: Annotated[str, typer.Argument(help="`retry` tries a quarantined arrival again.")] = "",
    arrival: Annotated[int, typer.Argument(help="Its number.")] = 0,
    state: Annotated[str, typer.Option("--state", help="Only arrivals with this fate.")] = "",
) -> None:
    """List everything that ever arrived and its one fate, or retry one arrival."""
    if action == "retry":
        _retry(arrival)
        return
    if action:
        raise ConfigurationError(f"intake {action}: the only action is `retry ID`")
    from inbox import shapes
    from tickets import intake as ledger
    from tickets.models import ArrivalState

    if state and state not in set(ArrivalState):
        raise ConfigurationError(f"--state {state}: there are {', '.join(ArrivalState)}")
    app = _ready(_app())
    with app.store.reading() as session:
        lines = ledger.ledger(session, state=ArrivalState(state) if state else None)
    if options.json:
        for line in lines:
            _print_json(shapes.intake(line))
    else:
        _print_table(["id", "channel", "state", "kind", "ticket", "claim", "error"], map(shapes.intake, lines))


def _retry(arrival: int) -> None:
    from inbox import desk, poller

    app = _ready(_app(changes=True))
    desk.retry(app, arrival)
    poller.process_all(app)
    _print_arrival(app, arrival)


@cli.command("file")
def file_message(path: Path, channel: Annotated[str, typer.Option("--channel")]) -> None:
    """Hand one raw message in as if the channel had picked it up."""
    from inbox import running
    from inbox.files import found

    app = _ready(_app(changes=True))
    _named(app, [channel])
    [whole] = found([path])
    arrival = running.hand_in(app, whole, channel)
    _print_arrival(app, arrival)


def _print_arrival(app: "App", arrival: int) -> None:
    from inbox import shapes
    from tickets import intake as ledger

    with app.store.reading() as session:
        [line] = ledger.ledger(session, after=arrival - 1, limit=1)
    if options.json:
        _print_json(shapes.intake(line))
    else:
        _print_table(["id", "channel", "state", "kind", "ticket", "claim", "error"], [shapes.intake(line)])


@cli.command()
def ask(
    claim: str,
    due: Annotated[str, typer.Option("--due", help="The day by which we ask for an answer, 2026-12-07.")] = "",
    item: Annotated[
        list[str] | None, typer.Option("--item", help="Only these items; all that are missing if none.")
    ] = None,
) -> None:
    """Send a claim's request for everything it still lacks."""
    from datetime import date

    from inbox import desk
    from tickets import shown

    try:
        due_on = date.fromisoformat(due) if due else None
    except ValueError:
        raise ConfigurationError(f"--due {due}: write a day as 2026-12-07") from None
    app = _ready(_app(changes=True))
    code = desk.ask(app, claim, due_on=due_on, only=item)
    with app.store.reading() as session:
        record = shown.any(session, code, app.office, now=app.clock())
    if options.json:
        _print_json(record)
    else:
        _console().print(f"{code} is on its way")


@cli.command()
def learn() -> None:
    """Learn from the messages whose kind somebody confirmed, and print how often we were right by kind and week."""
    from inbox import learning

    record = learning.learn(_ready(_app(changes=True)))
    if options.json:
        _print_json(record)
    else:
        quality = record.pop("quality")
        _print_table(["week", "kind", "confirmed", "sure", "right"], quality)
        _console().print_json(json.dumps(record))
    if record["version"] is None:
        raise typer.Exit(NO)


@cli.command()
def quality(
    weeks: Annotated[int, typer.Option(min=1, max=520, help="How far back.")] = 12,
) -> None:
    """Print how often links and the kinds of messages were right, by week and by evidence or kind."""
    from inbox import learning

    record = learning.figures(_ready(_app(changes=True)), weeks=weeks)
    if options.json:
        _print_json(record)
        return
    _print_table(["week", "evidence", "linked", "undone", "precision"], record["links"])
    _print_table(["week", "kind", "confirmed", "sure", "right"], record["kinds"])


# --- bringing in


def _import(what: str, file: Path, *, dry_run: bool) -> None:
    from inbox import bringing_in

    app = _ready(_app(changes=not dry_run))
    outcome = bringing_in.load(app, what, file, dry_run=dry_run)
    if options.json:
        _print_json(bringing_in.as_json(outcome, dry_run=dry_run))
    else:
        _console().print(bringing_in.as_text(outcome, dry_run=dry_run))
    if outcome.errors:
        raise typer.Exit(NO)


def _import_command(what: str) -> None:
    @imports.command(what, help=f"Bring in {what}; good rows are stored, each bad row is reported.")
    def command(
        file: Path,
        dry_run: Annotated[bool, typer.Option("--dry-run", help="Store nothing.")] = False,  # noqa: FBT002 - typer's way
    ) -> None:
        _import(what, file, dry_run=dry_run)


for _what in ("customers", "policies", "claims", "payments", "world"):
    _import_command(_what)


def _print_table(columns: Sequence[str], records: Iterable[dict[str, Any]]) -> None:
    from rich.table import Table

    table = Table(*columns)
    for record in _rows(columns, records):
        table.add_row(*record)
    _console().print(table)


def _rows(columns: Sequence[str], records: Iterable[dict[str, Any]]) -> Iterator[list[str]]:
    for record in records:
        yield ["" if record[column] is None else str(record[column]) for column in columns]


from inbox import desk_commands as _desk_commands  # noqa: E402, F401 - adds its commands to these

if __name__ == "__main__":
    from inbox.cli import main as _main  # the commands were added to that module, not to this copy of it

    _main()
