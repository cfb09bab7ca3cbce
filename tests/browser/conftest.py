"""Chromium, the demo as it is served, and an empty installation."""

from __future__ import annotations

import os
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import flask_migrate
import pytest
import waitress
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.crawl import Household
from tests.conftest import make_config
from tracker import clock
from tracker.app import Tracker, create_app
from tracker.config import Config
from tracker.database import db
from tracker.demo import build as demo
from tracker.demo import office

DESKTOP = (1366, 900)
PHONE = (390, 844)
QUIET = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]

Open = Callable[..., Page]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    executable = os.environ.get("TRACKER_TEST_CHROMIUM") or shutil.which("chromium")
    if not executable:
        pytest.skip(
            "install Chromium (Debian: apt-get install chromium) or set TRACKER_TEST_CHROMIUM to its path"
        )
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=QUIET)
        yield chromium
        chromium.close()


@contextmanager
def serving(app: Tracker) -> Iterator[str]:
    """The application on a free port of this machine; gives its address."""
    server = waitress.create_server(app, listen="127.0.0.1:0", threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        # By its own thread: another one would take the socket out of the hands of its loop.
        server.trigger.pull_trigger(server.close)
        thread.join(timeout=10)
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Path:
    """The demo of today as it was built; it is served in place and changed by tests."""
    folder = tmp_path_factory.mktemp("demo")
    config = demo.settings(make_config(folder / "data"))
    demo.build(config, clock.now(), folder, lambda _line: None)
    return folder


@pytest.fixture(scope="session")
def demo_url(demo_folder: Path) -> Iterator[str]:
    """The demo of today, served."""
    with serving(create_app(demo.settings(make_config(demo_folder / "data")))) as url:
        yield url


@pytest.fixture(scope="session")
def household(demo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Household]]:
    """A copy of the demo with more roles and more going on: its address, and itself."""
    folder = tmp_path_factory.mktemp("household") / "demo"
    shutil.copytree(demo_folder, folder)
    app = create_app(demo.settings(make_config(folder / "data")))
    household = Household(app)
    with serving(app) as url:
        yield url, household


@pytest.fixture
def empty_url(config: Config, browser: Browser) -> Iterator[str]:
    """An installation in which nobody has done anything."""
    app = create_app(config)
    with app.app_context():
        flask_migrate.upgrade()
        db.session.remove()
    with serving(app) as url:
        yield url


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Open]:
    """Opens a page of a size; a page that logs an error in its console fails the test."""
    contexts = []
    complaints: list[str] = []

    def open_page(size: tuple[int, int] = DESKTOP, **options: object) -> Page:
        context = browser.new_context(viewport={"width": size[0], "height": size[1]}, **options)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda told: complaints.append(told.text) if told.type == "error" else None)
        page.on("pageerror", lambda failure: complaints.append(str(failure)))
        return page

    yield open_page
    for context in contexts:
        context.close()
    # A form that lacks an answer is answered with 422, a link that is over with 410; Chromium notes both.
    assert [complaint for complaint in complaints if not re.search("4(22|10)", complaint)] == []


def sign_in(page: Page, url: str, who: str) -> None:
    """Sign in to the demo as one of its people."""
    page.goto(f"{url}/sign-in")
    page.get_by_label("อีเมล").fill(f"{who}@{office.DOMAIN}")
    page.get_by_label("รหัสผ่าน").fill(office.PASSWORD)
    page.get_by_role("main").get_by_role("button", name="เข้าสู่ระบบ").click()
    page.wait_for_load_state()


def picture(folder: Path) -> Path:
    """A small real photograph to attach, with a Thai name."""
    path = folder / "ภาพกิจกรรม ครั้งที่ 1.png"
    Image.new("RGB", (640, 480), (40, 110, 90)).save(path)
    return path
