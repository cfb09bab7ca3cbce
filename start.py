#!/usr/bin/env python3
"""Makes .venv beside this file, installs the hashed lock, then runs the demo, the server or the tests."""

import contextlib
import hashlib
import importlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

# An older Python gets this sentence instead of a traceback, so everything in this file has to parse on 3.6
# and nothing above may be younger than that.
if sys.version_info < (3, 11):  # noqa: UP036
    sys.exit(
        f"ต้องใช้ Python 3.11 ขึ้นไป แต่นี่คือ Python {sys.version.split()[0]} โปรดติดตั้งรุ่นใหม่แล้วเรียกอีกครั้ง\n"
        "Python 3.11 or newer is needed. Install one and run this again with it, as in: python3.11 start.py"
    )

HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv"
WINDOWS = os.name == "nt"
PROGRAMS = VENV / ("Scripts" if WINDOWS else "bin")
PYTHON = str(PROGRAMS / ("python.exe" if WINDOWS else "python"))
# The Python that makes the environment, also when this file is run by the environment's own.
MAKER = getattr(sys, "_base_executable", None) or sys.executable

STAMP = VENV / "start.json"
UNFINISHED = VENV / "start.unfinished"
LOCKED = VENV / "start.lock"
DOWNLOADS = VENV / "downloads"

LOCKS = {"demo": "requirements.lock", "test": "requirements-dev.lock", "serve": "requirements.lock"}
OLDEST_PIP = (22, 3)  # the first that can install into another environment: --python

USAGE = """\
python3 start.py demo [...]    สาธิตระบบพร้อมข้อมูลตัวอย่าง · the demo, with a made-up organisation's two years
python3 start.py test [...]    ทดสอบระบบ · the tests; what follows goes to pytest
python3 start.py serve [...]   เปิดใช้งานจริง · the server and its scheduler"""

NO_PIP = """\
Python นี้ไม่มีเครื่องมือติดตั้ง (ensurepip หรือ pip 22.3 ขึ้นไป) โปรดติดตั้งแพ็กเกจของระบบก่อน แล้วเรียกอีกครั้ง
This Python has neither ensurepip nor pip 22.3 or newer. Install the system's package, then run this again:
  Debian, Ubuntu:  apt install python3-venv   (or python3-pip)
  Fedora:          dnf install python3-pip
  Alpine:          apk add py3-pip"""


class Stopped(Exception):
    """The environment cannot be made ready; the text says what to do."""


def main(arguments: list[str]) -> int:
    """Prepare what the first word needs and run it; the exit code of what was run, 2 for an unknown word."""
    if not arguments or arguments[0] not in LOCKS:
        asked = bool(arguments) and arguments[0] in {"-h", "--help", "help"}
        print(USAGE, file=sys.stdout if asked else sys.stderr)
        return 0 if asked else 2
    try:
        prepare(LOCKS[arguments[0]])
    except Stopped as stopped:
        print(stopped, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        say("หยุดแล้ว เรียกคำสั่งเดิมเพื่อทำต่อ", "Stopped; the same command goes on from here")
        return 130
    return run(arguments[0], arguments[1:])


def say(thai: str, english: str) -> None:
    """One progress line, on stderr: there a letter that the terminal lacks cannot stop the work."""
    print(f"[start] {thai} · {english}", file=sys.stderr, flush=True)


def prepare(lock: str) -> None:
    """Make .venv hold what `lock` names and the compiled catalogues, doing again only what has changed."""
    if site_packages() is None and not can_install():
        raise Stopped(NO_PIP)
    VENV.mkdir(exist_ok=True)
    with alone():
        packages = site_packages() or make_environment()
        install(lock, packages)
        connect(packages)
        compile_catalogues()


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Keep a second start.py waiting: it would throw away what looks unfinished and is in the making."""
    with LOCKED.open("a+") as file:
        if sys.platform == "win32":
            import msvcrt

            while True:
                with contextlib.suppress(OSError):  # raised after ten seconds of waiting
                    msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
                    break
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def site_packages() -> Path | None:
    """Where the environment keeps its packages; None where that is missing, unfinished or broken."""
    if UNFINISHED.exists():
        return None
    return ask_site_packages()


def ask_site_packages() -> Path | None:
    ask = "import json, sys, sysconfig as s; print(json.dumps([sys.version_info[:2], s.get_path('purelib')]))"
    try:
        answer = subprocess.run([PYTHON, "-c", ask], capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    version, folder = json.loads(answer.stdout)
    # After an upgrade of the system's Python the link still works, but its folder of packages is a new one.
    return Path(folder) if tuple(version) >= (3, 11) and Path(folder).is_dir() else None


def can_install() -> bool:
    return has_ensurepip() or has_pip()


def has_ensurepip() -> bool:
    """Whether this Python can put pip into an environment; Debian packages that, and venv, apart."""
    try:
        importlib.import_module("venv")
        importlib.import_module("ensurepip").version()
    except Exception:  # a wheel that is missing fails in other ways than a module that is missing
        return False
    return True


def has_pip() -> bool:
    """Whether this Python has a pip that can install into another environment, and venv to make one."""
    ask = "import pip, venv; print(pip.__version__)"
    answer = subprocess.run([MAKER, "-c", ask], capture_output=True)
    return answer.returncode == 0 and new_enough(answer.stdout.decode())


def new_enough(pip: str) -> bool:
    numbers = [int(part) for part in pip.strip().split(".")[:2] if part.isdigit()]
    return tuple(numbers) >= OLDEST_PIP


def make_environment() -> Path:
    """Make .venv anew, also over an unfinished or broken one, keeping downloads; where its packages go."""
    say("สร้าง .venv", "Making .venv")
    UNFINISHED.touch()
    for entry in list(VENV.iterdir()):
        if entry in {UNFINISHED, LOCKED, DOWNLOADS}:
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()
    options = [] if has_ensurepip() else ["--without-pip"]
    made = subprocess.call([MAKER, "-m", "venv", *options, str(VENV)]) == 0
    packages = ask_site_packages() if made else None
    if packages is None:
        raise Stopped("สร้าง .venv ไม่สำเร็จ · .venv could not be made")
    return packages


def install(lock: str, packages: Path) -> None:
    """Install exactly what `lock` names, by hash, from wherever this machine's pip is set up to look."""
    wanted = digest(HERE / lock)
    stamp = read_stamp()
    if stamp.get(lock) == wanted and not UNFINISHED.exists():
        return
    count = sum(1 for line in (HERE / lock).read_text(encoding="utf-8").splitlines() if line[:1].isalnum())
    say(f"ติดตั้ง {count} รายการจาก {lock} ครั้งแรกใช้เวลา 1–5 นาที", f"Installing {count} packages, 1–5 minutes")
    own = (packages / "pip").is_dir()
    pip = [PYTHON, "-m", "pip"] if own else [MAKER, "-m", "pip", "--python", PYTHON]
    options = ["-qq", "--no-input", "--disable-pip-version-check", "--no-user"]
    exact = ["--require-hashes", "--requirement", str(HERE / lock)]
    # A killed pip can leave a package that looks installed, so only an end of its own takes the mark away.
    UNFINISHED.touch()
    code = subprocess.call([*pip, "install", *options, *exact], env=pip_environment())
    if code >= 0:
        UNFINISHED.unlink()
    if code != 0:
        raise Stopped(
            "ติดตั้งไม่สำเร็จ โปรดตรวจสอบอินเทอร์เน็ตหรือพร็อกซี แล้วเรียกคำสั่งเดิม ส่วนที่ได้มาแล้วยังอยู่\n"
            "Installing failed. Check the network or proxy and run the same command: what was fetched stays."
        )
    # The developers' lock holds all of the other one, version for version: a test keeps them so.
    satisfied = set(LOCKS.values()) if lock == LOCKS["test"] else {lock}
    kept = {name: value for name, value in stamp.items() if name not in LOCKS.values()}
    write_stamp({**kept, **{name: digest(HERE / name) for name in satisfied}})
    shutil.rmtree(DOWNLOADS, ignore_errors=True)


def pip_environment() -> dict[str, str]:
    """The caller's environment, for its index, proxy and certificates; only where pip writes is ours."""
    elsewhere = {"PIP_TARGET", "PIP_PREFIX", "PIP_ROOT"}
    kept = {name: value for name, value in os.environ.items() if name not in elsewhere}
    return {"PIP_CACHE_DIR": str(DOWNLOADS), **kept}


def connect(packages: Path) -> None:
    """Let the environment import this checkout and give it a `tracker` command.

    A path file and a launcher do what an editable install does without a build tool that would have to be
    fetched; both are relative, so a checkout may be moved and may have spaces and Thai letters in its path.
    """
    write(packages / "ita-measures-tracker.pth", os.path.relpath(HERE, packages) + "\n")
    if WINDOWS:
        write(PROGRAMS / "tracker.cmd", '@"%~dp0python.exe" -P -m tracker.cli %*\n')
        return
    launcher = PROGRAMS / "tracker"
    beside = '"$(dirname -- "$(readlink -f -- "$0")")/python"'
    write(launcher, f'#!/bin/sh\nexec {beside} -P -m tracker.cli "$@"\n')
    launcher.chmod(0o755)


def write(path: Path, text: str) -> None:
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def compile_catalogues() -> None:
    """Compile each translation whose text has changed or whose compiled file is missing."""
    stamp = read_stamp()
    for source in sorted(HERE.glob("tracker/translations/*/LC_MESSAGES/*.po")):
        name = source.relative_to(HERE).as_posix()
        compiled = source.with_suffix(".mo")
        wanted = digest(source)
        if stamp.get(name) == wanted and compiled.exists():
            continue
        say(f"แปลงคำแปล {name}", "Compiling a translation")
        files = ["--input-file", str(source), "--output-file", str(compiled), "--locale", source.parts[-3]]
        babel = [PYTHON, "-m", "babel.messages.frontend", "--quiet", "compile", *files]
        if subprocess.call(babel) != 0:
            raise Stopped(f"แปลงคำแปล {name} ไม่สำเร็จ · {name} could not be compiled")
        stamp[name] = wanted
        write_stamp(stamp)


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def read_stamp() -> dict[str, str]:
    """What was installed and compiled last: the hash of each source file by its name; empty if not known."""
    try:
        return dict(json.loads(STAMP.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return {}


def write_stamp(stamp: dict[str, str]) -> None:
    STAMP.write_text(json.dumps(stamp, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def run(command: str, arguments: list[str]) -> int:
    """Become the command where the system can, so that signals and the exit code are the command's own."""
    if command == "test":
        os.chdir(HERE)
        words = [PYTHON, "-m", "pytest", *arguments]
    else:
        # -P: the caller's folder, from which its relative paths count, is no place to import from.
        words = [PYTHON, "-P", "-m", "tracker.cli", command, *arguments]
    # Thai text has to come out whatever the locale says.
    environment = {"PYTHONUTF8": "1", **os.environ}
    if not WINDOWS:
        os.execve(words[0], words, environment)
    signal.signal(signal.SIGINT, lambda *_: None)  # Ctrl-C reaches the command as well; wait for how it ends
    return subprocess.call(words, env=environment)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
