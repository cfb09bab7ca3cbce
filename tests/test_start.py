"""start.py as a person runs it: a checkout of its own, and a pip that only writes down what it is asked."""

from __future__ import annotations

import ast
import json
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

CLI = """\
import json, os, sys
print(json.dumps([sys.argv[1:], os.getcwd()]), flush=True)
sys.exit(7)
"""
PIP = """\
import os, sys
with open(os.environ["ASKED"], "a", encoding="utf-8") as asked:
    print(*sys.argv[1:], sep="|", file=asked)
sys.exit(int(os.environ.get("PIP_EXIT", "0")))
"""
CATALOGUE = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "งาน"\nmsgstr "%s"\n'


@dataclass(frozen=True)
class Checkout:
    """A small checkout, the folder it is called from and the folder of stand-ins that Python sees first."""

    home: Path
    caller: Path
    stand_ins: Path

    def environment(self, **extra: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name != "HOME"}
        # Babel, which the lock would have installed, comes from the environment that runs the tests.
        path = os.pathsep.join([str(self.stand_ins), sysconfig.get_path("purelib")])
        return {**kept, "PYTHONPATH": path, "ASKED": str(self.stand_ins / "asked"), **extra}

    def start(self, *words: str, **extra: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, str(self.home / "start.py"), *words],
            cwd=self.caller,
            env=self.environment(**extra),
            capture_output=True,
            encoding="utf-8",
            timeout=60,
        )

    def asked(self) -> list[str]:
        """What pip was asked, one line a call."""
        file = self.stand_ins / "asked"
        return file.read_text(encoding="utf-8").splitlines() if file.exists() else []


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    made = Checkout(tmp_path / "ที่ทำงาน ของเรา", tmp_path / "caller", tmp_path / "stand_ins")
    (made.home / "tracker").mkdir(parents=True)
    made.caller.mkdir()
    (made.stand_ins / "pip").mkdir(parents=True)
    shutil.copy(ROOT / "start.py", made.home)
    (made.home / "requirements.lock").write_text("one==1 \\\n    --hash=sha256:00\n", encoding="utf-8")
    (made.home / "requirements-dev.lock").write_text("one==1\ntwo==2\n", encoding="utf-8")
    (made.home / "tracker" / "__init__.py").touch()
    (made.home / "tracker" / "cli.py").write_text(CLI, encoding="utf-8")
    # Without ensurepip the environment is made as on Debian, and quickly.
    (made.stand_ins / "ensurepip.py").write_text("raise ImportError", encoding="utf-8")
    (made.stand_ins / "pip" / "__init__.py").write_text('__version__ = "23.0.1"', encoding="utf-8")
    (made.stand_ins / "pip" / "__main__.py").write_text(PIP, encoding="utf-8")
    return made


def test_the_first_run_installs_the_lock_and_hands_on_words_folder_and_exit_code(checkout: Checkout) -> None:
    ran = checkout.start("demo", "--no-serve", "สอง คำ")

    assert ran.returncode == 7, ran.stderr
    assert json.loads(ran.stdout) == [["demo", "--no-serve", "สอง คำ"], str(checkout.caller)]
    [asked] = checkout.asked()
    words = asked.split("|")
    assert words[:2] == ["--python", str(checkout.home / ".venv" / "bin" / "python")]
    assert words[2] == "install"
    assert words[-3:] == ["--require-hashes", "--requirement", str(checkout.home / "requirements.lock")]
    assert not [word for word in words if "index" in word]


def test_nothing_is_installed_again_until_the_lock_changes(checkout: Checkout) -> None:
    checkout.start("demo")
    checkout.start("serve")
    assert len(checkout.asked()) == 1

    (checkout.home / "requirements.lock").write_text("one==2\n", encoding="utf-8")
    checkout.start("serve")
    assert len(checkout.asked()) == 2


def test_the_developers_lock_serves_the_demo_as_well(checkout: Checkout) -> None:
    checkout.start("test", "--version")
    checkout.start("demo")

    [asked] = checkout.asked()
    assert asked.endswith("requirements-dev.lock")


def test_a_failed_install_is_told_and_tried_again(checkout: Checkout) -> None:
    failed = checkout.start("demo", PIP_EXIT="1")
    assert failed.returncode == 1
    assert "ติดตั้งไม่สำเร็จ" in failed.stderr
    assert "Traceback" not in failed.stderr
    assert failed.stdout == ""

    assert checkout.start("demo").returncode == 7
    assert len(checkout.asked()) == 2


def test_an_interrupted_environment_is_made_anew_and_its_downloads_are_kept(checkout: Checkout) -> None:
    checkout.start("demo")
    venv = checkout.home / ".venv"
    (venv / "start.unfinished").touch()
    (venv / "half").mkdir()
    (venv / "downloads").mkdir()
    (venv / "downloads" / "wheel").touch()

    failed = checkout.start("demo", PIP_EXIT="1")
    assert failed.returncode == 1
    assert not (venv / "half").exists()
    assert (venv / "downloads" / "wheel").exists()

    assert checkout.start("demo").returncode == 7
    assert not (venv / "downloads").exists()


def test_an_environment_whose_python_is_gone_is_made_anew(checkout: Checkout) -> None:
    checkout.start("demo")
    python = checkout.home / ".venv" / "bin" / "python"
    python.unlink()

    assert checkout.start("demo").returncode == 7
    assert python.exists()
    assert len(checkout.asked()) == 2


def test_a_python_without_ensurepip_and_pip_stops_before_anything_is_made(checkout: Checkout) -> None:
    (checkout.stand_ins / "pip" / "__init__.py").write_text("raise ImportError", encoding="utf-8")

    stopped = checkout.start("demo")

    assert stopped.returncode == 1
    assert "python3-venv" in stopped.stderr
    assert "python3-pip" in stopped.stderr
    assert "Traceback" not in stopped.stderr
    assert not (checkout.home / ".venv").exists()


@pytest.mark.parametrize(("version", "exit_code"), [("22.2.2", 1), ("22.3", 7), ("26.1", 7), ("25.0rc1", 7)])
def test_only_a_pip_that_can_install_elsewhere_counts(
    checkout: Checkout, version: str, exit_code: int
) -> None:
    (checkout.stand_ins / "pip" / "__init__.py").write_text(f"__version__ = {version!r}", encoding="utf-8")

    assert checkout.start("demo").returncode == exit_code


def test_a_catalogue_is_compiled_when_its_text_changes_or_its_result_is_missing(checkout: Checkout) -> None:
    folder = checkout.home / "tracker" / "translations" / "en" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "messages.po").write_text(CATALOGUE % "task", encoding="utf-8")
    checkout.start("demo")
    compiled = folder / "messages.mo"
    assert b"task" in compiled.read_bytes()

    compiled.write_bytes(b"left alone")
    checkout.start("demo")
    assert compiled.read_bytes() == b"left alone"

    (folder / "messages.po").write_text(CATALOGUE % "duty", encoding="utf-8")
    checkout.start("demo")
    assert b"duty" in compiled.read_bytes()

    compiled.unlink()
    checkout.start("demo")
    assert b"duty" in compiled.read_bytes()


def test_the_tracker_command_stays_with_a_checkout_that_is_moved(checkout: Checkout, tmp_path: Path) -> None:
    checkout.start("demo")
    moved = checkout.home.rename(tmp_path / "moved")

    ran = subprocess.run(
        [str(moved / ".venv" / "bin" / "tracker"), "doctor"],
        cwd=checkout.caller,
        capture_output=True,
        encoding="utf-8",
    )

    assert (ran.returncode, json.loads(ran.stdout)) == (7, [["doctor"], str(checkout.caller)]), ran.stderr


def test_control_c_reaches_the_command_and_its_answer_counts(checkout: Checkout) -> None:
    program = "import signal, sys\nsignal.signal(signal.SIGINT, lambda *_: sys.exit(5))\n"
    program += "print('ready', flush=True)\nsignal.pause()\n"
    (checkout.home / "tracker" / "cli.py").write_text(program, encoding="utf-8")

    with subprocess.Popen(
        [sys.executable, str(checkout.home / "start.py"), "serve"],
        env=checkout.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
    ) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "ready\n"
        running.send_signal(signal.SIGINT)
        assert running.wait(timeout=30) == 5


@pytest.mark.parametrize("words", [[], ["walk"], ["--demo"]])
def test_an_unknown_word_shows_the_three_commands(checkout: Checkout, words: list[str]) -> None:
    shown = checkout.start(*words)

    assert shown.returncode == 2
    for command in ("demo", "test", "serve"):
        assert f"start.py {command}" in shown.stderr
    assert not (checkout.home / ".venv").exists()


def test_help_is_no_failure(checkout: Checkout) -> None:
    shown = checkout.start("--help")

    assert shown.returncode == 0
    assert "start.py demo" in shown.stdout


def test_an_older_python_is_told_so_in_two_languages() -> None:
    source = (ROOT / "start.py").read_text(encoding="utf-8")
    ast.parse(source, feature_version=(3, 6))

    pretend = (
        "import runpy, sys; sys.version_info = (3, 6, 0); sys.version = '3.6.0'; runpy.run_path(sys.argv[1])"
    )
    told = subprocess.run(
        [sys.executable, "-c", pretend, str(ROOT / "start.py")], capture_output=True, encoding="utf-8"
    )

    assert told.returncode == 1
    assert "ต้องใช้ Python 3.11 ขึ้นไป แต่นี่คือ Python 3.6.0" in told.stderr
    assert "Python 3.11 or newer is needed" in told.stderr
    assert "Traceback" not in told.stderr
