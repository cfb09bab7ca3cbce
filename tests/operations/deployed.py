"""The processes of deploy/ as they run in earnest, only with other paths, ports and certificate."""

from __future__ import annotations

import http.client
import os
import re
import shlex
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from io import BytesIO
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from tests.client import Page
from tracker.config import CHECKOUT

DEPLOY = CHECKOUT / "deploy"
NAME = "ita.example.go.th"
LONGEST_WAIT = 60.0
NGINX = "/usr/sbin/nginx"
# Of the programs that the units name, what stands for each here.
PROGRAMS = {
    "/opt/tracker/.venv/bin/gunicorn": "-m gunicorn",
    "/opt/tracker/.venv/bin/python": "",
    "/opt/tracker/.venv/bin/tracker": "-m tracker.cli",
}


@dataclass(frozen=True)
class Answer:
    """What came back, as it was on the wire."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def one(self, name: str) -> str:
        [value] = self.all(name)
        return value


@dataclass
class Client:
    """A browser with cookies, that reaches the installation's name at a port of this machine."""

    port: int
    certificate: Path
    source: str = "127.0.0.1"
    cookies: dict[str, str] = field(default_factory=dict)
    referrer: str = f"https://{NAME}/"

    def connect(self) -> ssl.SSLSocket:
        context = ssl.create_default_context(cafile=str(self.certificate))
        plain = socket.create_connection(("127.0.0.1", self.port), LONGEST_WAIT, (self.source, 0))
        return context.wrap_socket(plain, server_hostname=NAME)

    def ask(
        self,
        path: str,
        method: str = "GET",
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        host: str = NAME,
    ) -> Answer:
        """One request over TLS, on a connection of its own."""
        with self.connect() as secured:
            connection = http.client.HTTPSConnection(NAME)
            connection.sock = secured
            told = {"Host": host, "Referer": self.referrer}
            if self.cookies:
                told["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            connection.request(method, path, body, told | dict(headers or {}))
            answer = connection.getresponse()
            found = Answer(answer.status, answer.getheaders(), answer.read())
            connection.close()
        for line in found.all("Set-Cookie"):
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
        return found

    def page(self, path: str) -> Page:
        answer = self.ask(path)
        assert answer.status == 200, (answer.status, answer.text[-400:])
        return Page(answer.text)

    def send(self, path: str, data: Mapping[str, Any]) -> Answer:
        """The form of the page at this address; a pair in `data` is a file: its bytes and its name."""
        form = next(form["fields"] for form in self.page(path).forms if form.get("action") in (None, path))
        given = {name: form[name] for name in ("csrf_token", "press") if name in form}
        for name, value in data.items():
            given[name] = FileStorage(BytesIO(value[0]), value[1]) if isinstance(value, tuple) else value
        boundary, body = encode_multipart(given)
        return self.ask(path, "POST", body, {"Content-Type": f"multipart/form-data; boundary={boundary}"})


def free_ports(number: int) -> list[int]:
    with ExitStack() as stack:
        taken = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(number)]
        return [one.getsockname()[1] for one in taken]


def command_of(unit: str, **instead: str) -> list[str]:
    """The command line of a unit, run by this Python; `instead` are words replaced in it."""
    [line] = re.findall(r"^ExecStart=(.+)$", (DEPLOY / unit).read_text(encoding="utf-8"), re.MULTILINE)
    program, *options = shlex.split(line)
    return [
        sys.executable,
        *PROGRAMS[program].split(),
        *(instead.get(option.replace(":", "_").replace(".", "_"), option) for option in options),
    ]


@contextmanager
def process(
    command: list[str], environment: Mapping[str, str], log: Path, end: signal.Signals = signal.SIGTERM
) -> Iterator[subprocess.Popen[bytes]]:
    """Run until the block is left, then end it kindly; it must leave by itself and without complaint."""
    with log.open("ab") as output:
        running = subprocess.Popen(
            command,
            cwd=CHECKOUT,
            env=dict(environment),
            stdout=output,
            stderr=output,
            stdin=subprocess.DEVNULL,
        )
    try:
        yield running
        running.send_signal(end)
        assert running.wait(LONGEST_WAIT) == 0, log.read_text()
    finally:
        running.kill()
        running.wait(LONGEST_WAIT)


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for the name, signed by its own key, and that key."""
    if shutil.which("openssl") is None:
        pytest.skip("install OpenSSL (Debian: apt-get install openssl) to run this test")
    made, key = folder / "certificate.pem", folder / "certificate.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-days", "2", "-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}",
         "-keyout", str(key), "-out", str(made)],
        check=True,
        capture_output=True,
    )  # fmt: skip
    return made, key


@dataclass(frozen=True)
class Front:
    """A running nginx: its two ports, its certificate, its logs."""

    plain: int
    secure: int
    certificate: Path
    folder: Path

    def client(self, source: str = "127.0.0.1") -> Client:
        return Client(self.secure, self.certificate, source)

    def logs(self) -> str:
        return "".join(path.read_text() for path in sorted(self.folder.glob("*.log")))


@contextmanager
def nginx(folder: Path, upstream: int) -> Iterator[Front]:
    """deploy/nginx.conf in front of a port of this machine, without rights and without a port below 1024."""
    if not Path(NGINX).exists():
        pytest.skip("install nginx (Debian: apt-get install nginx-light) to run this test")
    folder.mkdir()
    made, key = certificate(folder)
    plain, secure = free_ports(2)
    told = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    for one, other in (
        ("listen 80", f"listen 127.0.0.1:{plain}"),
        ("listen 443", f"listen 127.0.0.1:{secure}"),
        (f"/etc/ssl/certs/{NAME}.pem", str(made)),
        (f"/etc/ssl/private/{NAME}.key", str(key)),
        ("/var/log/nginx", str(folder)),
        ("127.0.0.1:8000", f"127.0.0.1:{upstream}"),
    ):
        assert one in told
        told = told.replace(one, other)
    (folder / "tracker.conf").write_text(told, encoding="utf-8")
    temporary = "".join(
        f"{kind}_temp_path {folder / kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off;\npid {folder}/pid;\nworker_processes 1;\nerror_log {folder}/main.log;\n"
        + ("user root;\n" if os.geteuid() == 0 else "")
        + f"events {{}}\nhttp {{\n{temporary}access_log off;\ninclude tracker.conf;\n}}\n",
        encoding="utf-8",
    )
    command = [NGINX, "-e", str(folder / "main.log"), "-p", str(folder), "-c", str(folder / "nginx.conf")]
    with process(command, {}, folder / "nginx.out", signal.SIGQUIT):
        wait_for(secure)
        yield Front(plain, secure, made, folder)


def wait_for(port: int) -> None:
    """Until somebody listens there."""
    late = time.monotonic() + LONGEST_WAIT
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            assert time.monotonic() < late, f"nobody listens on {port}"
            Event().wait(0.05)
        else:
            return
