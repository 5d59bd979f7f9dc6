"""The configuration: reads config.toml, the secrets it names, and nothing else; hands out frozen settings."""

import os
import re
import tomllib
from collections.abc import Mapping
from datetime import date, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator

from channels.base import kind
from inbox.macros import Macro
from inbox.macros import check as check_macros
from tickets.errors import ConfigurationError
from tickets.identifiers import is_iban
from tickets.messages import Medium
from tickets.models import Role
from tickets.office import (
    DEFAULT_AUTHORITY,
    NEEDS_NO_WARNING,
    Action,
    AfterHours,
    Authority,
    Margins,
    Office,
    Outlet,
    Payer,
    SendMode,
)
from tickets.references import PolicyFormat

_DURATION = re.compile(r"(\d+)\s*(s|m|h|d)")
_UNIT = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
#: Whose clocks run by default, by the office's country.
_JURISDICTIONS = {"RO": ("ro", "eu", "gdpr"), "GB": ("uk", "gdpr"), "US": ("us",)}
_FOLDERS = frozenset({"scans", "done", "bad", "print", "ca_file", "folder", "blobs"})
#: What the policy numbers of the examples look like; a deployment declares its own.
_DEFAULT_FORMATS = (PolicyFormat(kind="policy.own", pattern=r"CAS-\d{7}"),)


class Table(BaseModel):
    """A table of the configuration: frozen, and an unknown key in it is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class OfficeTable(Table):
    """`[office]`: who writes, where, in which languages."""

    name: str
    short_name: str = ""
    country: str = "RO"
    timezone: str = "Europe/Bucharest"
    languages: list[str] = Field(default=["ro", "en"], min_length=1)
    hours: str = "09:00-17:00"
    public_url: str = "http://127.0.0.1:8400"
    phone: str = ""
    postal_address: str = ""

    @field_validator("hours")
    @classmethod
    def _open_before_closed(cls, hours: str) -> str:
        try:
            opens, closes = (time.fromisoformat(part.strip()) for part in hours.split("-"))
        except ValueError:
            raise ValueError("is not a span such as 09:00-17:00") from None
        if opens >= closes:
            raise ValueError("ends before it begins")
        return hours

    def span(self) -> tuple[time, time]:
        """When the office opens and closes."""
        opens, closes = (time.fromisoformat(part.strip()) for part in self.hours.split("-"))
        return opens, closes

    @field_validator("timezone")
    @classmethod
    def _exists(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            raise ValueError("is not a time zone such as Europe/Bucharest") from None
        return name

    @field_validator("languages")
    @classmethod
    def _written(cls, languages: list[str]) -> list[str]:
        if unknown := set(languages) - {"en", "ro"}:
            raise ValueError(f"no texts are written in {', '.join(sorted(unknown))}: take en, ro")
        return languages


class StoreTable(Table):
    """`[store]`: where rows and bytes are kept."""

    url: str
    blobs: str


class WebTable(Table):
    """`[web]`: where the pages are served."""

    host: str = "127.0.0.1"
    port: int = Field(default=8400, ge=0, le=65535)


class SecurityTable(Table):
    """`[security]`: the secret that signs reply tokens, codes and links."""

    secret: SecretStr | list[SecretStr]

    def keys(self) -> tuple[bytes, ...]:
        """Newest first; one string may hold several, separated by commas."""
        given = self.secret if isinstance(self.secret, list) else [self.secret]
        words = (word.strip() for each in given for word in each.get_secret_value().split(","))
        return tuple(word.encode() for word in words if word)


class RequestsTable(Table):
    """`[requests]`: who sends drafts, and how long customers have."""

    send: SendMode = SendMode.PERSON
    due_days: int = Field(default=14, ge=1)
    ladder: list[Annotated[int, Field(ge=1)]] = [7, 14, 30]


class DeadlinesTable(Table):
    """`[deadlines]`: which clocks run."""

    jurisdictions: list[str] | None = None  #: Left out: those of the office's country.
    after_hours: AfterHours = AfterHours.NEXT_DAY


class ChecksTable(Table):
    """`[checks]`: the margins of the checks."""

    dat04_days: int = Field(default=30, ge=0)
    duplicate_days: int = Field(default=3, ge=0)


class SmsTable(Table):
    """`[sms]`: what holds for every text number."""

    fold_diacritics: bool = True
    opt_out_words: list[str] = ["STOP", "DEZABONARE", "STOP SMS"]


class DeskTable(Table):
    """`[desk]`: how the screen behaves."""

    undo_seconds: int = Field(default=10, ge=0, le=30)


class TemplatesTable(Table):
    """`[templates]`: the deployer's own wording."""

    folder: str | None = None


class ReadingTable(Table):
    """`[reading]`: limits of the child processes that read what customers send."""

    mail_seconds: float = 10
    scan_seconds: float = 180
    mail_megabytes: int = 512
    scan_megabytes: int = 3072


class AuthorityTable(Table):
    """`[[authority]]`: what a role, or one person, may do without a second one."""

    role: Role | Literal[""] = ""
    person: str = ""  #: An e-mail address in place of a role.
    line: str = "*"
    action: Action
    max: Decimal = Field(default=Decimal(0), ge=0)
    currency: str = "RON"
    codes: list[str] = []
    warnings: bool | None = None  #: Whether a warning may be open; left out: not for representatives.
    starts: date | None = Field(default=None, alias="from")
    ends: date | None = Field(default=None, alias="to")

    @model_validator(mode="after")
    def _names_somebody(self) -> "AuthorityTable":
        if bool(self.role) == bool(self.person):
            raise ValueError("needs either role or person")
        return self


class PaymentsTable(Table):
    """`[payments]`: the account that claims are paid from."""

    name: str = ""
    iban: str
    bic: str = ""

    @field_validator("iban")
    @classmethod
    def _is_one(cls, iban: str) -> str:
        if not is_iban(iban):
            raise ValueError("is no account number (IBAN): check its digits")
        return "".join(iban.split()).upper()


class ReferenceTable(Table):
    """`[[reference]]`: a policy number of our own."""

    kind: Literal["policy.own"] = "policy.own"
    pattern: str
    canonical: str | None = None


class Settings(Table):
    """The whole configuration, checked; channels stay as tables until one is connected."""

    office: OfficeTable
    store: StoreTable
    web: WebTable = WebTable()
    security: SecurityTable
    channels: dict[str, dict[str, Any]] = Field(min_length=1)
    requests: RequestsTable = RequestsTable()
    deadlines: DeadlinesTable = DeadlinesTable()
    checks: ChecksTable = ChecksTable()
    sms: SmsTable = SmsTable()
    desk: DeskTable = DeskTable()
    templates: TemplatesTable = TemplatesTable()
    reading: ReadingTable = ReadingTable()
    imports: dict[str, dict[str, str]] = Field(default={}, alias="import")
    authority: list[AuthorityTable] = []
    payments: PaymentsTable | None = None
    reference: list[ReferenceTable] = []
    macros: list[Macro] = []

    def channel(self, name: str) -> BaseModel:
        """One channel's settings, its secrets resolved; raises `ConfigurationError` if one is missing."""
        if name not in self.channels:
            raise ConfigurationError(f"no table [channels.{name}]: there are {', '.join(sorted(self.channels))}")
        return _channel(name, self.channels[name], self)

    def kind_of(self, name: str) -> str:
        """The kind of a channel."""
        return str(self.channels[name]["kind"])

    def poll_interval(self, name: str) -> timedelta:
        """How often a channel is asked for what is new."""
        return duration(str(self.channels[name].get("poll", "1m")), f"channels.{name}.poll")


def load(path: Path) -> Settings:
    """Read a configuration file; raises `ConfigurationError` that names the table, the key and what to do."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigurationError(f"there is no {path}: run `claimdesk init`, or name one with --config") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"{path}: {error}") from error
    return parse(tables, folder=path.resolve().parent)


def parse(tables: Mapping[str, Any], *, folder: Path) -> Settings:
    """Check the tables of a configuration; relative paths start at `folder`."""
    if isinstance(tables.get("store"), dict):
        tables = {**tables, "store": {"blobs": "./blobs", **tables["store"]}}
    names = {key: value for key, value in tables.items() if key == "import"}  # headers are words, not paths or secrets
    rooted = _rooted({key: value for key, value in tables.items() if key not in names}, folder)
    rest = _resolved({key: value for key, value in rooted.items() if key != "channels"}, "", lenient=False)
    try:
        settings = Settings.model_validate({**rest, **names, "channels": rooted.get("channels", {})})
    except ValidationError as error:
        _explain(error, "")
    check_macros(settings.macros, settings.office.languages)
    for name, table in settings.channels.items():
        if not isinstance(table.get("kind"), str):
            raise ConfigurationError(f'[channels.{name}] needs kind = "email", "sms", "letter", "phone" or "memory"')
        _channel(name, table, settings, lenient=True)
        settings.poll_interval(name)
    return settings


def office(settings: Settings) -> Office:
    """What the rules need to know of the office."""
    folder = settings.templates.folder
    return Office(
        name=settings.office.name,
        short_name=settings.office.short_name or settings.office.name.split()[0],
        phone=settings.office.phone,
        postal_address=settings.office.postal_address,
        country=settings.office.country,
        timezone=ZoneInfo(settings.office.timezone),
        languages=tuple(settings.office.languages),
        public_url=settings.office.public_url.rstrip("/"),
        keys=settings.security.keys(),
        outlets=_outlets(settings),
        formats=tuple(
            PolicyFormat(kind=each.kind, pattern=each.pattern, canonical=each.canonical) for each in settings.reference
        )
        or _DEFAULT_FORMATS,
        send=settings.requests.send,
        due_days=settings.requests.due_days,
        undo_seconds=settings.desk.undo_seconds,
        opens=settings.office.span()[0],
        closes=settings.office.span()[1],
        after_hours=settings.deadlines.after_hours,
        jurisdictions=_jurisdictions(settings),
        ladder=tuple(settings.requests.ladder),
        margins=Margins(cover_is_new=settings.checks.dat04_days, same_loss=settings.checks.duplicate_days),
        authority=tuple(_authority(each) for each in settings.authority) or DEFAULT_AUTHORITY,
        payer=_payer(settings),
        templates=(Path(folder),) if folder else (),
    )


def _jurisdictions(settings: Settings) -> tuple[str, ...]:
    """Those configured, else those of the office's country; member states share the union's."""
    if settings.deadlines.jurisdictions is not None:
        return tuple(settings.deadlines.jurisdictions)
    return _JURISDICTIONS.get(settings.office.country, ("eu", "gdpr"))


def _authority(table: AuthorityTable) -> Authority:
    warnings = table.role not in NEEDS_NO_WARNING if table.warnings is None else table.warnings
    return Authority(
        role=table.role, person=table.person.casefold(), line=table.line, action=table.action, most=table.max,
        currency=table.currency, codes=tuple(table.codes), warnings=warnings, starts=table.starts, ends=table.ends,
    )  # fmt: skip


def _payer(settings: Settings) -> Payer | None:
    table = settings.payments
    return Payer(name=table.name or settings.office.name, iban=table.iban, bic=table.bic) if table else None


def _outlets(settings: Settings) -> dict[Medium, Outlet]:
    """The first configured channel of each medium that can send."""
    media = {"email": (Medium.EMAIL, "address"), "sms": (Medium.SMS, "number"), "letter": (Medium.LETTER, "")}
    outlets: dict[Medium, Outlet] = {}
    for name, table in settings.channels.items():
        medium, key = media.get(str(table["kind"]), (None, ""))
        if medium is not None:
            outlets.setdefault(medium, Outlet(channel=name, address=str(table.get(key, ""))))
    return outlets


def with_refresh_token(settings: BaseModel, token: str) -> BaseModel:
    """A mailbox's settings with the refresh token its provider has given last."""
    servers = {
        name: server.model_copy(update={"refresh_token": SecretStr(token)})
        for name in ("imap", "smtp")
        if (server := getattr(settings, name)).refresh_token is not None
    }
    return settings.model_copy(update=servers)


def duration(text: str, where: str) -> timedelta:
    """Read "30s", "1m", "2h", "1d"."""
    match = _DURATION.fullmatch(text.strip())
    if match is None or int(match[1]) == 0:
        raise ConfigurationError(f'{where} = "{text}" is no duration: write "30s", "1m", "1h"')
    return timedelta(**{_UNIT[match[2]]: int(match[1])})


def _channel(name: str, table: Mapping[str, Any], settings: Settings, *, lenient: bool = False) -> BaseModel:
    """Check one channel's table against its kind's settings."""
    chosen = kind(str(table["kind"]))
    resolved = _resolved(table, f"channels.{name}", lenient=lenient)
    injected = {
        "fold_diacritics": settings.sms.fold_diacritics,
        "opt_out_words": settings.sms.opt_out_words,
        "languages": settings.office.languages,
        "from_name": settings.office.name,
    }
    known = chosen.Settings.model_fields
    given = {key: value for key, value in injected.items() if key in known and key not in resolved}
    try:
        return chosen.Settings.model_validate(
            {**given, **{k: v for k, v in resolved.items() if k != "kind" or "kind" in known}}
        )
    except ValidationError as error:
        _explain(error, f"channels.{name}")


def _resolved(table: Mapping[str, Any], where: str, *, lenient: bool) -> dict[str, Any]:
    """Put the value of each `…_env` and `…_file` secret in place; `lenient` fills in a missing one for a first look."""
    resolved: dict[str, Any] = {}
    for key, value in table.items():
        place = f"{where}.{key}".strip(".")
        if isinstance(value, dict):
            resolved[key] = _resolved(value, place, lenient=lenient)
        elif key.endswith("_env") and isinstance(value, str):
            resolved[key.removesuffix("_env")] = _from_environment(value, place, lenient=lenient)
        elif key.endswith("_file") and key not in _FOLDERS and isinstance(value, str):
            resolved[key.removesuffix("_file")] = _from_file(Path(value), place, lenient=lenient)
        else:
            resolved[key] = value
    return resolved


def _from_environment(name: str, place: str, *, lenient: bool) -> str:
    value = os.environ.get(name, "-" if lenient else "")
    if not value:
        raise ConfigurationError(f"{place}: the environment has no {name}; set it, or use …_file")
    return value


def _from_file(path: Path, place: str, *, lenient: bool) -> str:
    try:
        mode = path.stat().st_mode
        if mode & 0o077:
            raise ConfigurationError(f"{place}: {path} can be read by others; chmod 600 it")
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        if lenient:
            return "-"
        raise ConfigurationError(f"{place}: {error}") from error


def _rooted(table: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Make relative paths start at the configuration's own folder."""
    rooted: dict[str, Any] = {}
    for key, value in table.items():
        if isinstance(value, dict):
            rooted[key] = _rooted(value, folder)
        elif (
            isinstance(value, str)
            and key == "url"
            and value.startswith("sqlite:///")
            and not value.startswith("sqlite:////")
        ):
            rooted[key] = f"sqlite:///{folder / value.removeprefix('sqlite:///')}"
        elif (
            isinstance(value, str)
            and (key in _FOLDERS or key.endswith("_file"))
            and "://" not in value
            and not _is_mailbox(table, key)
        ):
            rooted[key] = str(folder / value)
        else:
            rooted[key] = value
    return rooted


def _is_mailbox(table: Mapping[str, Any], key: str) -> bool:
    """`folder` and `done` of a mail server name mailboxes, not paths."""
    return key in ("folder", "done") and "host" in table


def _explain(error: ValidationError, where: str) -> NoReturn:
    """Say which table and key is wrong, and how, without the value."""
    lines = []
    for each in error.errors(include_input=False, include_url=False):
        place = ".".join(str(part) for part in (where, *each["loc"]) if part != "")
        unknown = each["type"] == "extra_forbidden"
        lines.append(f"{place}: unknown key; see config.example.toml" if unknown else f"{place}: {each['msg']}")
    raise ConfigurationError("; ".join(lines)) from None
