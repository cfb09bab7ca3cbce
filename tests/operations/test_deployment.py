"""nginx, gunicorn and the scheduler as deploy/ starts them: what a browser sees through all of them."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import select

from tests.client import Page
from tests.conftest import make_config
from tests.deeds import group_of, task_ids
from tests.operations.deployed import (
    DEPLOY,
    LONGEST_WAIT,
    NAME,
    PROGRAMS,
    Answer,
    Client,
    Front,
    command_of,
    free_ports,
    nginx,
    process,
    wait_for,
)
from tests.sinks import Sink
from tests.world import PASSWORD, World
from tracker import clock, links
from tracker.app import FORM_FILES, create_app
from tracker.config import MEGABYTE, Config
from tracker.database import across_organisations, db
from tracker.groups import Group
from tracker.mail import Rendered, enqueue
from tracker.models import Evidence, Throttle
from tracker.people import posts_on
from tracker.rules.moments import day_of

LIMIT = 1  # megabytes a file: what is too large is soon sent
TOLD = {"result": "จัดทำคู่มือแล้ว", "problems_answer": "none", "suggestions_answer": "none"}


@dataclass
class Installation:
    """A running installation, and what stood in the mail that it sent."""

    front: Front
    world: World
    link: str

    def signed_in(self, who: str = "head0") -> Client:
        client = self.front.client()
        answer = client.send("/sign-in", {"email": f"{who}@{self.world.slug}.example", "password": PASSWORD})
        assert answer.status == 303, answer.text[-400:]
        return client


@pytest.fixture(scope="module")
def installation(
    tmp_path_factory: pytest.TempPathFactory, migrated: Path, drawn: Path
) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("deployed")
    data = folder / "data"
    shutil.copytree(drawn, data / "cache")
    shutil.copy(migrated, data / "tracker.db")
    [port] = free_ports(1)
    app = create_app(make_config(data, url=f"https://{NAME}", mail_from=f"ita@{NAME}"))
    with Sink() as sink, app.app_context():
        world = prepared(app.extensions["tracker.config"])
        environment = os.environ | {
            "TRACKER_DATA": str(data),
            "TRACKER_URL": f"https://{NAME}",
            "TRACKER_SMTP_PORT": str(sink.port),
            "TRACKER_MAIL_FROM": f"ita@{NAME}",
            "TRACKER_UPLOAD_MEGABYTES": str(LIMIT),
        }
        environment.pop("DATABASE_URL", None)
        subprocess.run(command_of("tracker-migrate.service"), env=environment, check=True)
        web = command_of("tracker-web.service", **{"127_0_0_1_8000": f"127.0.0.1:{port}"})
        with (
            process(web, environment, folder / "gunicorn.log"),
            process(command_of("tracker-jobs.service"), environment, folder / "jobs.log"),
            nginx(folder / "nginx", port) as front,
        ):
            wait_for(port)
            sink.wait_for(1)
            [link] = re.findall(r"https://\S+", sink.taken[0].text("plain"))
            yield Installation(front, world, link.removeprefix(f"https://{NAME}"))
        db.session.remove()
        db.engine.dispose()


def prepared(config: Config) -> World:
    """An organisation with a plan, and a mail to the first head that waits to be sent."""
    world = World(create_app(config))
    world.adopted_plan([(1, range(2), date(2025, 10, 1), date(2026, 9, 30))])
    now = clock.now()
    with world.write():
        head = next(
            post
            for post in posts_on(day_of(now)).values()
            if post.division_id == world.division_ids[0] and post.address
        )
        address, _ = links.form_address(head, group_of(world), now=now)
        words = Rendered("แบบรายงาน", f"เปิดแบบรายงานที่ {address}\n", f"<a href='{address}'>เปิด</a>")
        enqueue("test", (head.address or "", ""), words, "test", now=now)
    db.session.remove()
    return world


def hsts(answer: Answer) -> list[str]:
    return answer.all("Strict-Transport-Security")


def test_a_person_signs_in_with_a_cookie_of_this_host_alone(installation: Installation) -> None:
    client = installation.signed_in()
    assert list(client.cookies) == ["__Host-session"]
    work = client.ask("/work")
    assert work.status == 200
    assert len(hsts(work)) == 1
    assert work.one("Cache-Control") == "no-store"
    answer = installation.front.client().ask("/sign-in")
    cookie = answer.one("Set-Cookie")
    assert cookie.startswith("__Host-session=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "Domain" not in cookie


def test_whoever_is_not_signed_in_is_led_to_the_public_address(installation: Installation) -> None:
    answer = installation.front.client().ask("/work", headers={"X-Forwarded-Host": "evil.example"})
    assert answer.status in {302, 303}
    place = answer.one("Location")
    assert place.startswith(("/sign-in", f"https://{NAME}/sign-in"))
    assert "evil" not in place


@pytest.mark.parametrize("host", [NAME, "evil.example"])
def test_plain_http_leads_to_https_of_this_name_alone(installation: Installation, host: str) -> None:
    with socket.create_connection(("127.0.0.1", installation.front.plain), LONGEST_WAIT) as plain:
        plain.sendall(f"GET /work?a=1 HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        told = plain.makefile("rb").read().decode()
    if host == NAME:
        assert told.startswith("HTTP/1.1 301 ")
        assert f"Location: https://{NAME}/work?a=1\r\n" in told
    else:
        assert told == ""


def test_another_name_gets_no_answer(installation: Installation) -> None:
    with pytest.raises(ConnectionError):
        installation.front.client().ask("/sign-in", host="evil.example")


def test_the_address_of_the_client_is_nginx_s_word_not_the_client_s(installation: Installation) -> None:
    client = installation.front.client("127.0.0.2")
    forged = {"X-Forwarded-For": "203.0.113.9", "X-Real-IP": "203.0.113.9", "Forwarded": "for=203.0.113.9"}
    form = client.page("/sign-in").forms[-1]
    body = f"csrf_token={form['fields']['csrf_token']}&email=nobody%40x.example&password=wrong".encode()
    told = forged | {"Content-Type": "application/x-www-form-urlencoded"}
    assert client.ask("/sign-in", "POST", body, told).status == 303
    with across_organisations("test"):
        db.session.rollback()
        keys = [key for key in db.session.scalars(select(Throttle.key)) if "source:" in key]
        db.session.rollback()
    assert any(key.endswith(":127.0.0.2") for key in keys)
    assert not any("203.0.113.9" in key for key in keys)


def test_the_link_of_a_mail_opens_the_form_and_takes_a_report(installation: Installation) -> None:
    client, link = installation.front.client(), installation.link
    assert link.startswith("/m/")
    client.referrer = f"https://{NAME}{link}"
    ids = task_ids(installation.world, Group(1, installation.world.division_ids[0], 1))
    answer = client.send(link, TOLD | {f"claim-{ids[0]}": "not_yet", "no_evidence_reason": "ยังไม่เสร็จ"})
    assert answer.status == 303, Page(answer.text).text[-600:]


@pytest.mark.parametrize(
    ("quarter", "size", "status", "words"),
    [
        (2, LIMIT * MEGABYTE, 303, ""),
        (3, LIMIT * MEGABYTE + 1, 422, f"ใหญ่เกิน {LIMIT} MB"),
        (4, FORM_FILES * LIMIT * MEGABYTE + 1, 413, "ไฟล์ใหญ่เกินไป"),
    ],
)
def test_a_file_is_taken_up_to_its_limit_and_refused_in_words_beyond(
    installation: Installation, quarter: int, size: int, status: int, words: str
) -> None:
    client, world = installation.signed_in(), installation.world
    group = group_of(world, quarter=quarter)
    claims = {f"claim-{task_id}": "as_planned" for task_id in task_ids(world, group)}
    answer = client.send(
        group.path, TOLD | claims | {"files": (b"%PDF-1.7\n".ljust(size - 6) + b"%%EOF\n", "คู่มือ.pdf")}
    )
    assert answer.status == status, Page(answer.text).text[-600:]
    assert words in answer.text
    assert len(hsts(answer)) == 1
    with world.read():
        db.session.rollback()
        sizes = set(db.session.scalars(select(Evidence.size)))
        db.session.rollback()
    assert sizes <= {LIMIT * MEGABYTE}


def test_what_nginx_itself_refuses_is_said_in_words(installation: Installation) -> None:
    client = installation.front.client()
    answer = client.ask(installation.link, "POST", headers={"Content-Length": str(230 * MEGABYTE)})
    assert (answer.status, len(hsts(answer))) == (413, 1)
    assert "ไฟล์ใหญ่เกินไป" in answer.text
    assert answer.one("Content-Type") == "text/html; charset=utf-8"


def test_nginx_leaves_the_refusal_of_a_large_form_to_the_application() -> None:
    [limit] = re.findall(r"client_max_body_size (\d+)m;", (DEPLOY / "nginx.conf").read_text(encoding="utf-8"))
    assert int(limit) > FORM_FILES * Config.upload_megabytes


def test_pages_asked_for_too_fast_are_held_back_in_words(installation: Installation) -> None:
    client = installation.front.client("127.0.0.3")
    with ExitStack() as stack:
        # All are connected before the first one asks, so that nginx hears them at once.
        lines = [stack.enter_context(client.connect()) for _ in range(100)]
        for line in lines:
            line.sendall(f"GET /healthz HTTP/1.0\r\nHost: {NAME}\r\n\r\n".encode())
        answers = [line.makefile("rb").read().decode() for line in lines]
    held_back = [answer for answer in answers if answer.startswith("HTTP/1.1 429 ")]
    assert 0 < len(held_back) < 100
    assert held_back[0].count("Strict-Transport-Security") == 1
    assert "โปรดรอสักครู่" in held_back[0]


def test_what_belongs_to_pages_is_kept_by_browsers_and_never_held_back(installation: Installation) -> None:
    client = installation.front.client()
    page = client.ask("/sign-in").text
    assert client.cookies
    addresses = sorted(set(re.findall(r'(?:href|src)="(/(?:static|assets|bootstrap/static)/[^"#]+)', page)))
    assert addresses
    for address in addresses:
        answer = client.ask(address.replace("&amp;", "&"))
        assert (answer.status, len(hsts(answer))) == (200, 1), address
        assert "max-age=31536000" in answer.one("Cache-Control"), address
        assert not answer.all("Set-Cookie"), address


def test_no_log_holds_the_token_of_a_link(installation: Installation) -> None:
    client = installation.front.client()
    token = "T0ken" * 8
    client.referrer = f"https://{NAME}/m/{token}"
    asked = [
        f"/{door}/{token}{rest}"
        for door in ("m", "invitation", "reset", "address", "calendar", "%6d", "/m", "x/../m")
        for rest in ("", "/due.ics", "?next=1")
    ]
    for path in [*asked, f"/sign-in?next=/m/{token}", f"/static/a.css?{token}"]:
        client.ask(path)
    client.ask(f"/m/{token}", "POST", headers={"Content-Length": str(230 * MEGABYTE)})
    late = time.monotonic() + LONGEST_WAIT
    while " /m/- " not in installation.front.logs().replace('"', " ") and time.monotonic() < late:
        Event().wait(0.05)
    logs = installation.front.logs()
    assert '"GET /m/-/due.ics" 404' in logs
    assert token not in logs
    assert installation.link.split("/")[2] not in logs


def test_every_door_that_a_token_opens_is_masked(installation: Installation) -> None:
    rules = installation.world.app.url_map.iter_rules()
    doors = {str(rule).split("/")[1] for rule in rules if "<token>" in str(rule)}
    [masked] = re.findall(r"<door>/\(([a-z|]+)\)/", (DEPLOY / "nginx.conf").read_text(encoding="utf-8"))
    assert set(masked.split("|")) == doors


def test_the_health_of_the_whole_is_seen_from_outside(installation: Installation) -> None:
    client = installation.front.client()
    late = time.monotonic() + LONGEST_WAIT
    while (answer := client.ask("/healthz")).status != 200:
        assert time.monotonic() < late, answer.text
        Event().wait(0.2)
    assert '"healthy":true' in answer.text.replace(" ", "")


def test_while_the_application_is_away_nginx_says_so_in_words(tmp_path: Path) -> None:
    with nginx(tmp_path / "nginx", free_ports(1)[0]) as front:
        token = "T0ken" * 8
        answer = front.client().ask(f"/m/{token}")
        assert (answer.status, len(hsts(answer))) == (503, 1)
        assert "ระบบยังไม่พร้อม" in answer.text
    assert token not in front.logs()


def test_the_units_are_in_order(tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("install systemd (Debian: apt-get install systemd) to run this test")
    for path in DEPLOY.glob("tracker-*"):
        told = path.read_text(encoding="utf-8")
        for one in PROGRAMS:
            told = told.replace(one, "/bin/true")
        (tmp_path / path.name).write_text(told, encoding="utf-8")
    units = sorted(str(path) for path in tmp_path.glob("tracker-*"))
    assert len(units) == 5
    done = subprocess.run(
        [program, "verify", "--man=no", *units], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
