"""The pages of the product; `register` binds every blueprint to the application."""

from __future__ import annotations

from flask import Flask

from tracker.views import (
    account,
    amending,
    assets,
    drafting,
    evidence,
    follow_up,
    health,
    home,
    importing,
    plan,
    reminders,
    report,
    report_desk,
    setup,
    shell,
    work,
)


def register(app: Flask) -> None:
    """Bind all pages, filters and error pages."""
    shell.set_up(app)
    assets.set_up(app)
    for module in (
        account,
        amending,
        drafting,
        evidence,
        follow_up,
        health,
        home,
        importing,
        plan,
        reminders,
        report,
        report_desk,
        setup,
        work,
    ):
        app.register_blueprint(module.blueprint)
