"""The pages of the product; `register` binds every blueprint to the application."""

from __future__ import annotations

from flask import Flask

from tracker.views import (
    account,
    amending,
    assets,
    calendar,
    drafting,
    evidence,
    executive,
    follow_up,
    health,
    home,
    importing,
    link,
    matrix,
    meeting,
    package,
    passing,
    pauses,
    people,
    plan,
    reminders,
    report,
    report_desk,
    scores,
    setup,
    shell,
    stages,
    told,
    work,
)


def register(app: Flask) -> None:
    """Bind all pages, filters and error pages."""
    shell.set_up(app)
    assets.set_up(app)
    for module in (
        account,
        amending,
        calendar,
        drafting,
        evidence,
        executive,
        follow_up,
        health,
        home,
        importing,
        matrix,
        meeting,
        link,
        package,
        passing,
        pauses,
        people,
        plan,
        reminders,
        report,
        report_desk,
        scores,
        setup,
        stages,
        told,
        work,
    ):
        app.register_blueprint(module.blueprint)
