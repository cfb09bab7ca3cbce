"""What the code promises about itself: its layers, who asks the time, its size, its locks and its README."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tracker.app import create_app
from tracker.config import Config

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SOURCES = sorted(path for package in ("tracker", "jobs") for path in (ROOT / package).rglob("*.py"))
TEMPLATES = sorted(path for ending in ("html", "txt") for path in (ROOT / "templates").rglob(f"*.{ending}"))
LONGEST = 400

# What tells the moment or the day, in Python or in the database; none of it outside `tracker.clock`.
MOMENTS = {
    "datetime.datetime.now",
    "datetime.datetime.utcnow",
    "datetime.datetime.today",
    "datetime.date.today",
    "time.time",
    "time.time_ns",
    "time.localtime",
    "time.gmtime",
    "sqlalchemy.func.now",
    "sqlalchemy.func.current_date",
    "sqlalchemy.func.current_timestamp",
}
# What only measures how long something takes; there a deadline has to be kept.
STOPWATCHES = {"time.monotonic", "time.monotonic_ns", "time.perf_counter"}
MAY_MEASURE = (
    "tracker/actions/sending/", "tracker/mail.py", "tracker/smtp.py", "tracker/views/request_log.py", "jobs/",
)  # fmt: skip


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=name_of(path))


def used_names(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Every imported name that is used, written out in full whatever it is called here, and its line."""
    full: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for name in node.names:
                full[name.asname or name.name.partition(".")[0]] = (
                    name.name if name.asname else name.name.partition(".")[0]
                )
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            full.update({name.asname or name.name: f"{node.module}.{name.name}" for name in node.names})
    for node in ast.walk(tree):
        parts: list[str] = []
        inner: ast.AST = node
        while isinstance(inner, ast.Attribute):
            parts.insert(0, inner.attr)
            inner = inner.value
        if isinstance(inner, ast.Name) and inner.id in full:
            yield ".".join([full[inner.id], *parts]), inner.lineno


def imported_packages(tree: ast.Module) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((name.name.partition(".")[0], node.lineno) for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0], node.lineno


def entries(lock: str) -> dict[str, str]:
    """What a lock says about each package, by the package's normal name."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    return {
        canonicalize_name(entry.partition("==")[0]): entry
        for entry in re.split(r"(?m)^(?=\w)", text)
        if entry.strip()
    }


def pins(lock: str) -> dict[str, str]:
    """The version of each package in a lock."""
    return {name: re.split(r"==|[\s;]+", entry)[1] for name, entry in entries(lock).items()}


def test_import_contracts_are_kept() -> None:
    # In a process of its own: it silences every logger that it finds.
    check = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True, no_logo=True))"

    done = subprocess.run(
        [sys.executable, "-c", check], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_every_module_has_its_layer() -> None:
    [contract] = [c for c in PROJECT["tool"]["importlinter"]["contracts"] if c["id"] == "layers"]
    layered = {name.strip("() ") for layer in contract["layers"] for name in layer.split("|")}

    beside_the_layers = {"__init__", "__pycache__", "clock", "migrations", "static", "translations"}
    found = {entry.stem for entry in (ROOT / "tracker").iterdir() if entry.is_dir() or entry.suffix == ".py"}

    assert {f"tracker.{name}" for name in found - beside_the_layers} <= layered


def test_only_the_clock_asks_the_time() -> None:
    asked = [
        f"{name_of(path)}:{line} {name}"
        for path in SOURCES
        if name_of(path) != "tracker/clock.py"
        for name, line in used_names(tree_of(path))
        if name in MOMENTS or (name in STOPWATCHES and not name_of(path).startswith(MAY_MEASURE))
    ]

    assert asked == []


@pytest.mark.parametrize(
    "source",
    [
        "import datetime\ndatetime.datetime.now()",
        "import datetime as dt\nmoment = dt.datetime.now",
        "from datetime import datetime as moment\nmoment.utcnow()",
        "from datetime import date\ndate.today()",
        "from time import time\ntime()",
        "from sqlalchemy import func\nfunc.now()",
    ],
)
def test_asking_the_time_is_noticed_under_any_name(source: str) -> None:
    assert {name for name, _ in used_names(ast.parse(source))} & MOMENTS


def test_rules_need_nothing_but_python_and_the_calendar_of_holidays() -> None:
    allowed = sys.stdlib_module_names | {"holidays", "tracker"}

    foreign = [
        f"{name_of(path)}:{line} {package}"
        for path in SOURCES
        if name_of(path).startswith("tracker/rules/")
        for package, line in imported_packages(tree_of(path))
        if package not in allowed
    ]

    assert foreign == []


def test_no_module_is_too_long_to_be_read_at_once() -> None:
    lengths = {
        name_of(path): len(path.read_text(encoding="utf-8").splitlines())
        for path in SOURCES
        if not path.is_relative_to(ROOT / "tracker" / "migrations")
    }

    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}


def test_every_module_says_what_it_is() -> None:
    silent = [
        name_of(path)
        for path in SOURCES
        if not path.is_relative_to(ROOT / "tracker" / "migrations")
        and (tree := tree_of(path)).body
        and not ast.get_docstring(tree)
    ]

    assert silent == []


def test_templates_compile_with_the_filters_that_the_application_gives_them(tmp_path: Path) -> None:
    config = Config(
        data=tmp_path, database_url="sqlite://", url="http://127.0.0.1", secret_key="-", testing=True
    )
    language = create_app(config).jinja_env

    assert TEMPLATES
    for path in TEMPLATES:
        language.get_template(path.relative_to(ROOT / "templates").as_posix())


def test_every_address_that_is_built_by_name_has_its_route(tmp_path: Path) -> None:
    config = Config(
        data=tmp_path, database_url="sqlite://", url="http://127.0.0.1", secret_key="-", testing=True
    )
    routes = {rule.endpoint for rule in create_app(config).url_map.iter_rules()}
    named = {
        (name_of(path), name)
        for path in (*TEMPLATES, *SOURCES)
        for name in re.findall(r"""url_for\(\s*["']([\w.]+)["']""", path.read_text(encoding="utf-8"))
    }

    assert len(named) > 100
    assert [(where, name) for where, name in sorted(named) if name not in routes] == []


@pytest.mark.parametrize("package", ["actions", "rules", "reading", "writing"])
def test_the_map_names_every_room(package: str) -> None:
    told = (ROOT / "docs/architecture.md").read_text(encoding="utf-8").split("```")[1]
    [corner] = re.findall(rf"^  {package}/ (.*?)(?=^  ?\S)", told, flags=re.MULTILINE | re.DOTALL)
    rooms = {path.stem for path in (ROOT / "tracker" / package).iterdir()} - {"__init__", "__pycache__"}
    assert rooms - set(re.findall(r"\w+", corner)) == set()


def test_the_readme_names_every_setting() -> None:
    settings = {
        node.value
        for path in SOURCES
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.fullmatch(r"TRACKER_[A-Z_]+|DATABASE_URL", node.value)
    }
    assert "TRACKER_URL" in settings

    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert sorted(name for name in settings if not re.search(rf"\b{name}\b", readme)) == []


def test_the_readme_names_every_command() -> None:
    commands = {
        node.args[0].value
        for node in ast.walk(tree_of(ROOT / "tracker" / "cli.py"))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"add_parser", "command", "group"}
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    }
    assert {"demo", "serve", "tick"} <= commands

    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert sorted(name for name in commands if not re.search(rf"tracker [a-z -]*\b{name}\b", readme)) == []


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_holds_what_the_project_asks_for_and_nothing_it_no_longer_asks_for(lock: str) -> None:
    asked = PROJECT["project"]["dependencies"]
    if lock == "requirements-dev.lock":
        asked = asked + PROJECT["project"]["optional-dependencies"]["dev"]
    wanted = {canonicalize_name(requirement.name): requirement for requirement in map(Requirement, asked)}

    assert set(wanted) == {name for name, entry in entries(lock).items() if "(pyproject.toml)" in entry}
    versions = pins(lock)
    assert [name for name in wanted if not wanted[name].specifier.contains(versions[name])] == []


def test_the_developers_lock_holds_all_of_the_other_version_for_version() -> None:
    assert pins("requirements.lock").items() <= pins("requirements-dev.lock").items()


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_locks_name_hashes_and_no_address(lock: str) -> None:
    assert [name for name, entry in entries(lock).items() if "--hash=sha256:" not in entry] == []
    assert not re.search(r"://|--(index|extra|find)", (ROOT / lock).read_text(encoding="utf-8"))
