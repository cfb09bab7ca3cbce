"""Settings, read once from the environment into one frozen value."""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from tracker.errors import Misconfigured

CHECKOUT = Path(__file__).resolve().parent.parent
MEGABYTE = 1024 * 1024
DRIVERS = {"sqlite", "postgresql", "postgresql+psycopg"}


@dataclass(frozen=True)
class Config:
    """Everything an installation decides; seconds, megabytes and minutes as the names say."""

    data: Path
    database_url: str
    url: str
    secret_key: str
    migration_database_url: str = ""
    listen: str = "127.0.0.1:8000"
    smtp_host: str = "127.0.0.1"
    smtp_port: int = 25
    smtp_security: str = "none"
    smtp_user: str = ""
    smtp_password: str = ""
    smtp_seconds: float = 30.0
    handover_seconds: float = 90.0
    lease_seconds: float = 600.0
    mail_from: str = "tracker@localhost"
    upload_megabytes: int = 20
    backups_kept: int = 14
    session_hours: int = 12
    session_idle_minutes: int = 60
    log: Literal["text", "json"] = "text"
    readings_days: int = 90
    testing: bool = False
    demo: bool = False

    @property
    def evidence_folder(self) -> Path:
        return self.data / "evidence"

    @property
    def cache_folder(self) -> Path:
        return self.data / "cache"

    @property
    def backup_folder(self) -> Path:
        return self.data / "backups"

    @property
    def https(self) -> bool:
        return self.url.startswith("https://")


def data_folder(environment: Mapping[str, str]) -> Path:
    """Where the installation keeps its files, whether it is there or not."""
    return Path(environment.get("TRACKER_DATA") or CHECKOUT / "var" / "data").resolve()


def load(environment: Mapping[str, str]) -> Config:
    """The settings in `environment`; Misconfigured with a sentence where one cannot be used."""
    data = data_folder(environment)
    handover = _seconds(environment, "TRACKER_HANDOVER_SECONDS", 90.0)
    lease = _seconds(environment, "TRACKER_LEASE_SECONDS", 600.0)
    if lease <= handover:
        raise Misconfigured("TRACKER_LEASE_SECONDS ต้องมากกว่า TRACKER_HANDOVER_SECONDS")
    security = environment.get("TRACKER_SMTP_SECURITY", "none")
    if security not in {"none", "starttls", "tls"}:
        raise Misconfigured("TRACKER_SMTP_SECURITY ต้องเป็น none, starttls หรือ tls")
    log = environment.get("TRACKER_LOG") or "text"
    if log not in {"text", "json"}:
        raise Misconfigured("TRACKER_LOG ต้องเป็น text หรือ json")
    return Config(
        data=data,
        database_url=_database(environment, "DATABASE_URL") or f"sqlite:///{data / 'tracker.db'}",
        migration_database_url=_database(environment, "MIGRATION_DATABASE_URL"),
        url=(environment.get("TRACKER_URL") or "").rstrip("/"),
        secret_key=_secret(environment, "TRACKER_SECRET_KEY") or _kept_secret(data),
        listen=environment.get("TRACKER_LISTEN") or "127.0.0.1:8000",
        smtp_host=environment.get("TRACKER_SMTP_HOST") or "127.0.0.1",
        smtp_port=_whole(environment, "TRACKER_SMTP_PORT", 25),
        smtp_security=security,
        smtp_user=environment.get("TRACKER_SMTP_USER", ""),
        smtp_password=_secret(environment, "TRACKER_SMTP_PASSWORD") or "",
        smtp_seconds=_seconds(environment, "TRACKER_SMTP_SECONDS", 30.0),
        handover_seconds=handover,
        lease_seconds=lease,
        mail_from=environment.get("TRACKER_MAIL_FROM") or "tracker@localhost",
        upload_megabytes=_whole(environment, "TRACKER_UPLOAD_MEGABYTES", 20),
        backups_kept=_whole(environment, "TRACKER_BACKUPS_KEPT", 14),
        session_hours=_whole(environment, "TRACKER_SESSION_HOURS", 12),
        session_idle_minutes=_whole(environment, "TRACKER_SESSION_IDLE_MINUTES", 60),
        log="json" if log == "json" else "text",
        readings_days=_whole(environment, "TRACKER_READINGS_DAYS", 90),
    )


def check_url(url: str) -> None:
    """Refuse to serve without the address that mails point to, or by http to the open internet."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise Misconfigured("ต้องกำหนด TRACKER_URL เป็นที่อยู่เว็บของระบบ เช่น https://ita.example.go.th")
    if parts.scheme == "http" and not _private(parts.hostname):
        raise Misconfigured("TRACKER_URL แบบ http ใช้ได้เฉพาะภายในเครื่องหรือเครือข่ายภายใน โปรดใช้ https")


def _private(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_private


def _database(environment: Mapping[str, str], name: str) -> str:
    """The address of a database, "" where there is none; it is not repeated, for a password may stand in it."""
    url = environment.get(name) or ""
    if url and url.partition("://")[0] not in DRIVERS:
        raise Misconfigured(
            "%(name)s ต้องเป็นที่อยู่ฐานข้อมูล เช่น postgresql+psycopg://ผู้ใช้:รหัสผ่าน@127.0.0.1/tracker", name=name
        )
    return url


def _secret(environment: Mapping[str, str], name: str) -> str | None:
    file = environment.get(f"{name}_FILE")
    if file:
        try:
            return Path(file).read_text(encoding="utf-8").strip()
        except OSError as failure:
            raise Misconfigured("อ่านแฟ้มใน %(name)s_FILE ไม่ได้", name=name) from failure
    return environment.get(name)


def _kept_secret(data: Path) -> str:
    """The key made at the first start and kept beside the data, readable by its owner only."""
    file = data / "secret.key"
    try:
        if not file.exists():
            data.mkdir(mode=0o700, parents=True, exist_ok=True)
            file.touch(mode=0o600)
            file.write_text(secrets.token_urlsafe(48), encoding="utf-8")
        return file.read_text(encoding="utf-8").strip()
    except OSError as failure:
        raise Misconfigured(
            "อ่านหรือเขียน %(file)s ไม่ได้ โปรดตรวจ TRACKER_DATA สิทธิ์ของโฟลเดอร์ และพื้นที่ดิสก์", file=file
        ) from failure


def _seconds(environment: Mapping[str, str], name: str, default: float) -> float:
    try:
        seconds = float(environment.get(name) or default)
    except ValueError as failure:
        raise Misconfigured("%(name)s ต้องเป็นจำนวนวินาที", name=name) from failure
    if seconds <= 0:
        raise Misconfigured("%(name)s ต้องมากกว่าศูนย์", name=name)
    return seconds


def _whole(environment: Mapping[str, str], name: str, default: int) -> int:
    try:
        number = int(environment.get(name) or default)
    except ValueError as failure:
        raise Misconfigured("%(name)s ต้องเป็นจำนวนเต็ม", name=name) from failure
    if number <= 0:
        raise Misconfigured("%(name)s ต้องมากกว่าศูนย์", name=name)
    return number
