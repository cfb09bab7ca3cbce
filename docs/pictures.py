"""Takes the pictures of the README from a demo of its own, the same on any day: `make pictures`."""

from __future__ import annotations

import base64
import email
import shutil
import subprocess
import tempfile
import threading
from dataclasses import replace
from datetime import UTC, datetime
from email.policy import default
from pathlib import Path

import waitress
from playwright.sync_api import Browser, sync_playwright

from tracker import clock
from tracker.app import create_app
from tracker.config import Config
from tracker.demo import build as demo
from tracker.demo import office
from tracker.writing import sarabun

# 18 February 2569 in the morning: the first quarter is told, the second runs.
MOMENT = datetime(2026, 2, 18, 2, 5, tzinfo=UTC)
PICTURES = Path(__file__).parent / "pictures"
DESKTOP, PHONE = {"width": 1366, "height": 900}, {"width": 390, "height": 844}


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    clock.now = lambda: MOMENT
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        config = demo.settings(Config(folder / "data", "", "", "of no use outside these pictures"))
        demo.build(config, MOMENT, folder, print)
        server = waitress.create_server(create_app(replace(config)), listen="127.0.0.1:0")
        threading.Thread(target=server.run, daemon=True).start()
        executable = shutil.which("chromium")
        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
            _pages(chromium, f"http://127.0.0.1:{server.effective_port}")
            _mail(chromium, folder / demo.MAILS)
            chromium.close()
        server.close()
        report = next((folder / demo.DOCUMENTS).glob("report-*[0-9].pdf"))
        subprocess.run(
            ["pdftoppm", "-png", "-r", "80", "-f", "1", "-singlefile", report, PICTURES / "report"],
            check=True,
        )


def _pages(chromium: Browser, url: str) -> None:
    for who, size, link, name in (
        ("coordinator", DESKTOP, None, "dashboard"),
        ("works", PHONE, ".task-title >> nth=0", "group-phone"),
    ):
        page = chromium.new_context(viewport=size).new_page()
        page.goto(f"{url}/sign-in")
        page.fill("#email", f"{who}@{office.DOMAIN}")
        page.fill("#password", office.PASSWORD)
        page.click("main button")
        if link:
            page.click(link)
        page.wait_for_load_state("networkidle")
        page.screenshot(path=PICTURES / f"{name}.png")


def _mail(chromium: Browser, mails: Path) -> None:
    """The newest digest that speaks of something late."""
    for path in sorted(mails.glob("*.eml"), reverse=True):
        letter = email.message_from_bytes(path.read_bytes(), policy=default)
        html = letter.get_body(("html",))
        if html is not None and "เกินกำหนด" in str(letter["Subject"]):
            page = chromium.new_context(viewport={"width": 700, "height": 900}).new_page()
            page.set_content(html.get_content())
            page.add_style_tag(content=_face())
            page.wait_for_load_state("networkidle")
            page.screenshot(path=PICTURES / "mail.png")
            return


def _face() -> str:
    """The mail names the fonts of a reader's own machine; here one of them is lent."""
    data = base64.b64encode((sarabun.folder() / "Sarabun-Regular.ttf").read_bytes()).decode()
    return (
        f"@font-face{{font-family:Lent;src:url(data:font/ttf;base64,{data})}} *{{font-family:Lent!important}}"
    )


if __name__ == "__main__":
    main()
