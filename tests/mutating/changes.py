"""What is changed: the files of each group, made by mutmut and imported in place of the files themselves."""

import ast
import importlib.abc
import importlib.machinery
import sys
from dataclasses import dataclass
from difflib import unified_diff
from functools import cached_property
from pathlib import Path
from types import ModuleType

from mutmut.mutation.file_mutation import mutate_file_contents


@dataclass(frozen=True)
class Group:
    """Files that are judged by the same tests."""

    files: tuple[str, ...]
    tests: tuple[str, ...]


GROUPS = {
    "checks": Group(
        files=("tickets/checks/*.py", "tickets/payable.py", "tickets/cover.py", "tickets/likeness.py"),
        tests=(
            "tests/tickets/evaluated/test_cases.py::test_every_word_and_figure_is_as_reviewed",
            "tests/tickets/evaluated/test_checks.py",
            "tests/tickets/test_likeness.py",
        ),
    ),
    "days": Group(
        files=(
            "tickets/calendars.py",
            "tickets/ladder_days.py",
            "tickets/deadlines/definitions.py",
            "tickets/deadlines/reckoning.py",
        ),
        tests=(
            "tests/tickets/test_deadlines.py",
            "tests/tickets/test_calendars.py",
            "tests/tickets/test_ladder_days.py",
        ),
    ),
    "clocks": Group(
        files=(
            "tickets/deadlines/deliveries.py",
            "tickets/deadlines/escalation.py",
            "tickets/deadlines/filing.py",
            "tickets/deadlines/happenings.py",
            "tickets/deadlines/importing.py",
            "tickets/deadlines/penalties.py",
            "tickets/deadlines/planning.py",
            "tickets/deadlines/standing.py",
            "tickets/deadlines/telling.py",
        ),
        tests=(
            "tests/tickets/test_deadlines.py",
            "tests/tickets/test_happenings.py",
            "tests/tickets/test_filing.py",
            "tests/tickets/test_standings.py",
            "tests/tickets/test_telling.py",
            "tests/tickets/test_escalation.py",
        ),
    ),
}


class Changed:
    """One file in all its changed ways: `tickets.cover.x_pays__mutmut_3` is the third way `pays` is changed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.module = ".".join(path.with_suffix("").parts).removesuffix(".__init__")
        made = mutate_file_contents(str(path), _undecorated(path.read_text(encoding="utf-8")))
        self.code, self.names = made.code, [f"{self.module}.{name}" for name in made.mutant_names]

    @cached_property
    def _functions(self) -> dict[str, str]:
        found = (each for each in ast.walk(ast.parse(self.code)) if isinstance(each, ast.FunctionDef))
        lines = self.code.splitlines()
        return {each.name: "\n".join(lines[each.lineno - 1 : each.end_lineno]) for each in found}

    def difference(self, name: str) -> list[str]:
        """The lines that one change takes away and puts in."""
        original = f"{name.removeprefix(f'{self.module}.').partition('__mutmut_')[0]}__mutmut_orig"
        changed = f"{original.removesuffix('orig')}{name.rpartition('_')[2]}"
        before, after = self._functions[original], self._functions[changed].replace(changed, original, 1)
        lines = list(unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm=""))
        return [line for line in lines[2:] if not line.startswith("@@")]

    def told(self, name: str) -> str:
        """One change by what it does: its number would be another after the next edit."""
        function = name.rpartition(".")[2].partition("__mutmut_")[0].removeprefix("x_").replace("xǁ", "")
        lines = self.difference(name)
        gone, new = (" ".join(line[1:].strip() for line in lines if line[0] == sign) for sign in "-+")
        return f"{self.module}.{function.replace('ǁ', '.')}: {gone} -> {new}"


def _undecorated(code: str) -> str:
    """Write `x = property(x)` after it instead of `@property` before: mutmut passes over functions with decorators."""
    lines = code.splitlines()
    functions = [each for each in ast.walk(ast.parse(code)) if isinstance(each, ast.FunctionDef)]
    for each in sorted(functions, key=lambda function: -function.lineno):
        match [ast.unparse(decorator) for decorator in each.decorator_list]:
            case [decorator] if decorator.partition("(")[0] in ("cache", "lru_cache", "property"):
                lines.insert(each.end_lineno or 0, f"{' ' * each.col_offset}{each.name} = {decorator}({each.name})")
                del lines[each.decorator_list[0].lineno - 1]
    return "\n".join(lines) + "\n"


class Importing(importlib.abc.MetaPathFinder, importlib.machinery.SourceFileLoader):
    """Gives the changed code of a file to whoever imports it."""

    def __init__(self, changed: dict[str, Changed]) -> None:
        self._changed = changed

    def find_spec(
        self, fullname: str, _path: object = None, _target: object = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Know the modules that are changed, and no others."""
        if fullname not in self._changed:
            return None
        file = self._changed[fullname].path.resolve()
        folders = [str(file.parent)] if file.name == "__init__.py" else None
        spec = importlib.machinery.ModuleSpec(fullname, self, origin=str(file), is_package=folders is not None)
        spec.submodule_search_locations, spec.has_location = folders, True
        return spec

    def exec_module(self, module: ModuleType) -> None:
        """Run the changed code as the module."""
        code = compile(self._changed[module.__name__].code, str(module.__file__), "exec")
        exec(code, module.__dict__)


def make(names: list[str]) -> dict[str, dict[str, Changed]]:
    """Every file of these groups, changed; from now on the changed ones are imported."""
    groups = {
        name: {each.module: each for pattern in GROUPS[name].files for path in sorted(Path().glob(pattern))
               if (each := Changed(path)).names}
        for name in names
    }  # fmt: skip
    sys.meta_path.insert(0, Importing({module: each for group in groups.values() for module, each in group.items()}))
    return groups
