"""Settings: defaults, what is refused, and the secret that is made at the first start."""

from __future__ import annotations

import stat
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from tracker.config import Config, check_url, load
from tracker.errors import Misconfigured


def settings(data: Path, **environment: str) -> Config:
    return load({"TRACKER_DATA": str(data), **environment})


def test_what_is_not_set_has_a_value_that_works_on_one_machine(tmp_path: Path) -> None:
    config = settings(tmp_path)
    assert config.database_url == f"sqlite:///{tmp_path / 'tracker.db'}"
    assert (config.listen, config.smtp_host, config.smtp_port) == ("127.0.0.1:8000", "127.0.0.1", 25)
    assert config.evidence_folder == tmp_path / "evidence"
    assert not config.testing
    assert not config.https
    assert config.lease_seconds > config.handover_seconds > config.smtp_seconds


def test_settings_do_not_change_while_the_program_runs(tmp_path: Path) -> None:
    with pytest.raises(FrozenInstanceError):
        settings(tmp_path).url = "https://elsewhere.example"  # type: ignore[misc]


def test_empty_settings_count_as_not_set(tmp_path: Path) -> None:
    config = settings(tmp_path, DATABASE_URL="", TRACKER_SMTP_PORT="", TRACKER_URL="", TRACKER_SECRET_KEY="")
    assert config == settings(tmp_path)


def test_the_secret_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    data = tmp_path / "new"
    first = settings(data)
    assert len(first.secret_key) >= 32
    assert settings(data).secret_key == first.secret_key
    assert stat.S_IMODE((data / "secret.key").stat().st_mode) & 0o077 == 0
    assert settings(tmp_path / "other").secret_key != first.secret_key


def test_a_secret_comes_from_the_environment_or_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("from a file, long enough to be one\n", encoding="utf-8")
    assert settings(tmp_path, TRACKER_SECRET_KEY="x" * 40).secret_key == "x" * 40
    told = settings(tmp_path, TRACKER_SECRET_KEY="x" * 40, TRACKER_SECRET_KEY_FILE=str(file))
    assert told.secret_key == "from a file, long enough to be one"
    assert not (tmp_path / "secret.key").exists()
    assert settings(tmp_path, TRACKER_SMTP_PASSWORD_FILE=str(file)).smtp_password.startswith("from a file")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TRACKER_SMTP_PORT", "many"),
        ("TRACKER_SMTP_PORT", "-1"),
        ("TRACKER_SMTP_PORT", "0"),
        ("TRACKER_UPLOAD_MEGABYTES", "0"),
        ("TRACKER_UPLOAD_MEGABYTES", "2.5"),
        ("TRACKER_SMTP_SECONDS", "soon"),
        ("TRACKER_SMTP_SECONDS", "-3"),
        ("TRACKER_SMTP_SECURITY", "maybe"),
        ("TRACKER_SECRET_KEY_FILE", "/nonexistent/key"),
        ("TRACKER_LEASE_SECONDS", "60"),
        ("TRACKER_HANDOVER_SECONDS", "600"),
        ("DATABASE_URL", "tracker.db"),
        ("DATABASE_URL", "mysql://office@127.0.0.1/tracker"),
        ("MIGRATION_DATABASE_URL", "postgres://owner@127.0.0.1/tracker"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(Misconfigured, match=name):
        settings(tmp_path, **{name: value})


def test_a_folder_that_cannot_be_made_is_a_setting_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Misconfigured, match="TRACKER_DATA"):
        settings(tmp_path / "file" / "data")


@pytest.mark.parametrize(
    "url",
    [
        "https://ita.example.go.th",
        "http://localhost:8000",
        "http://127.0.0.1:8000",
        "http://192.168.1.20",
        "http://10.0.0.5:8080",
        "http://[::1]:8000",
    ],
)
def test_an_installation_may_be_served_under_this_address(url: str) -> None:
    check_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ita.example.go.th",
        "http://ita.example.go.th",
        "http://8.8.8.8",
        "ftp://127.0.0.1",
        "https://",
        "//x",
    ],
)
def test_an_installation_is_not_served_under_this_address(url: str) -> None:
    with pytest.raises(Misconfigured, match="TRACKER_URL"):
        check_url(url)


def test_the_address_ends_without_a_slash(tmp_path: Path) -> None:
    config = settings(tmp_path, TRACKER_URL="https://ita.example.go.th/")
    assert (config.url, config.https) == ("https://ita.example.go.th", True)
