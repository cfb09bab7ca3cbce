"""The pages of the product; `register` binds every blueprint to the application."""

from __future__ import annotations

from flask import Flask

from tracker.views import (
    account,
    amending,
    assets,
    attachments,
    calendar,
    drafting,
    evidence,
    executive,
    feed,
    follow_up,
    health,
    home,
    importing,
    journal,
    link,
    matrix,
    meeting,
    organisation,
    own_account,
    package,
    passing,
    pauses,
    people,
    plan,
    public,
    publishing,
    recovery,
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
        attachments,
        calendar,
        drafting,
        evidence,
        feed,
        executive,
        follow_up,
        health,
        home,
        importing,
        journal,
        matrix,
        meeting,
        link,
        organisation,
        package,
        own_account,
        passing,
        pauses,
        people,
        plan,
        public,
        publishing,
        recovery,
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
