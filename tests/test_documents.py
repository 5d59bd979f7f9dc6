"""What the documents say is so: links lead somewhere, commands and keys are told, and files keep to our own rules."""

import ast
import os
import re
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel
from typer.core import TyperGroup
from typer.main import get_command

from channels.base import kind, kinds
from inbox import config, setup
from inbox.app import App
from inbox.cli import cli
from inbox.config import Settings
from inbox.web import create

ROOT = Path(__file__).parent.parent
CONTRACT = ROOT / "docs" / "contract.md"
EXAMPLE = ROOT / "config.example.toml"

LONGEST_FUNCTION = 40
LARGEST_FILE = 1_000_000
LINK = re.compile(r"\]\(([^)\s]+)\)")
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
NAMED_FILE = re.compile(r"`(?!\./)((?:[\w.-]+/)+[\w.-]+\.(?:json|lock|md|py|toml))`")
REGISTRY = re.compile(
    r"pypi[.]org|pythonhosted[.]org|npmjs[.](?:org|com)|anaconda[.]org|crates[.]io|index-url[ =]+http"
)
MACHINE = re.compile(r"(?<![\w.])/(?:home|Users|root|work)/\w|[A-Z]:\\Users")


def ours() -> Iterator[Path]:
    """Every file that git would keep."""
    ignored = [line for line in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines() if line]
    for folder, subfolders, names in os.walk(ROOT):
        here = Path(folder).relative_to(ROOT)
        subfolders[:] = [each for each in subfolders if each != ".git" and not _is_ignored(here / each, ignored)]
        yield from (ROOT / here / each for each in names if not _is_ignored(here / each, ignored))


def _is_ignored(path: Path, patterns: list[str]) -> bool:
    rooted = [pattern.strip("/") for pattern in patterns if pattern.startswith("/")]
    anywhere = [pattern.strip("/") for pattern in patterns if not pattern.startswith("/")]
    return path.as_posix() in rooted or any(fnmatch(path.name, pattern) for pattern in anywhere)


def documents() -> list[Path]:
    return [path for path in ours() if path.suffix == ".md"]


def python_files() -> list[Path]:
    return [path for path in ours() if path.suffix == ".py"]


def place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


# --- documents


def test_every_link_of_a_document_leads_to_a_file() -> None:
    broken = [
        f"{place(path)}: {target}"
        for path in documents()
        for target in LINK.findall(FENCED.sub("", path.read_text(encoding="utf-8")))
        if "://" not in target and not target.startswith(("#", "mailto:"))
        if not (path.parent / target.partition("#")[0]).is_file()
    ]

    assert broken == [], "\n".join(broken)


def test_every_file_that_a_document_names_is_there() -> None:
    missing = [
        f"{place(path)}: {named}"
        for path in documents()
        for named in NAMED_FILE.findall(path.read_text(encoding="utf-8"))
        if not (ROOT / named).is_file()
    ]

    assert missing == [], "\n".join(missing)


# --- commands


def commands(group: TyperGroup, before: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], list[str]]]:
    """Every command, as it is typed, and its options."""
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            yield from commands(command, (*before, name))
        else:
            yield (*before, name), [word for each in command.params for word in each.opts if word.startswith("--")]


def is_told(path: tuple[str, ...], options: list[str], lines: list[str]) -> bool:
    """Whether one row of a table begins with the command and names its options."""
    names = r"[^`]*\b".join(map(re.escape, path))
    return any(re.match(rf"\| `{names}\b", line) and all(option in line for option in options) for line in lines)


def test_every_command_is_told_with_its_options() -> None:
    lines = CONTRACT.read_text(encoding="utf-8").splitlines()
    root = get_command(cli)
    assert isinstance(root, TyperGroup)

    untold = [" ".join(path) for path, options in commands(root) if not is_told(path, options, lines)]

    assert untold == [], "\n".join(untold)


# --- configuration


def with_commented_tables(text: str) -> str:
    """The example with the tables that stand in comments switched on."""
    return re.sub(
        r"^# \[.*?(?=^$|\Z)",
        lambda table: re.sub("^# ", "", table[0], flags=re.MULTILINE),
        text,
        flags=re.MULTILINE | re.DOTALL,
    )


def test_every_key_of_the_example_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAIL_PASSWORD", "secret")
    monkeypatch.setenv("TWILIO_TOKEN", "secret")
    path = tmp_path / "config.toml"
    setup.write_config(path)
    path.write_text(with_commented_tables(path.read_text(encoding="utf-8")), encoding="utf-8")

    settings = config.load(path)

    assert set(tomllib.loads(path.read_text(encoding="utf-8"))) == {
        field.alias or name for name, field in Settings.model_fields.items()
    }
    assert all(settings.channel(name) for name in settings.channels)


def keys(model: type[BaseModel], where: str) -> Iterator[tuple[str, str]]:
    """Every key of a table and of the tables in it: where it stands, and how it is written."""
    for name, field in model.model_fields.items():
        yield where, field.alias or name
        for nested in _models(field.annotation):
            yield from keys(nested, f"{where}.{name}")


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)


def test_every_key_there_is_stands_in_the_example_or_the_contract() -> None:
    section = CONTRACT.read_text(encoding="utf-8").partition("\n## Configuration\n")[2].partition("\n## ")[0]
    told = section + EXAMPLE.read_text(encoding="utf-8")
    every = [*keys(Settings, "config"), *(each for name in kinds() for each in keys(kind(name).Settings, name))]

    untold = [
        f"{where}.{key}"
        for where, key in every
        if not re.search(rf"(?:`|\[|^|[{{,#] *){key}(?:_env|_file)?(?:`|\]|\.| *=)", told, re.MULTILINE)
    ]

    assert len(every) > 80
    assert untold == [], "\n".join(untold)


# --- routes


def test_every_route_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row of a table has its first word and its last one: `/tickets` and `/reply` for `/tickets/{ref}/reply`."""
    monkeypatch.setenv("MAIL_PASSWORD", "secret")
    monkeypatch.setenv("TWILIO_TOKEN", "secret")
    setup.write_config(tmp_path / "config.toml")
    app = App.from_file(tmp_path / "config.toml")
    app.store.migrate()
    routes = create(app).openapi()["paths"]
    app.close()
    lines = CONTRACT.read_text(encoding="utf-8").partition("\n## HTTP\n")[2].splitlines()

    untold = []
    for route in routes:
        words = [word for word in route.split("/") if word and "{" not in word] or [""]
        if not any(
            all(re.search(rf"/{word}\b" if word else "`/`", line) for word in (words[0], words[-1])) for line in lines
        ):
            untold.append(route)

    assert len(routes) > 20
    assert untold == [], "\n".join(untold)


# --- files


def test_no_file_names_a_registry_or_a_machine_of_ours() -> None:
    found = []
    for path in ours():
        text = path.read_bytes().decode(errors="replace")
        found += [f"{place(path)}: {match[0]}" for pattern in (REGISTRY, MACHINE) for match in pattern.finditer(text)]

    assert found == [], "\n".join(found)


def test_no_file_is_large() -> None:
    large = [place(path) for path in ours() if path.stat().st_size > LARGEST_FILE]

    assert large == [], "\n".join(large)


def test_every_python_file_says_first_what_it_owns() -> None:
    silent = [place(path) for path in python_files() if not path.read_text(encoding="utf-8").startswith('"""')]

    assert silent == [], "\n".join(silent)


#: Migrations, a server's configuration and the demo's sample messages are lists, however long.
LISTS = ("tickets/migrations/", "tests/servers/dovecot.py", "inbox/demo/mails.py", "inbox/demo/post.py")


def test_no_function_is_longer_than_a_page() -> None:
    too_long = [
        f"{place(path)}:{node.lineno} {node.name}: {length} lines"
        for path in python_files()
        if not place(path).startswith(LISTS)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if (length := (node.end_lineno or node.lineno) - node.lineno + 1) > LONGEST_FUNCTION
    ]

    assert too_long == [], "\n".join(too_long)
