"""Builds the web application: settings, extensions, access, pages, answers to errors."""

from __future__ import annotations

import os
from typing import IO, Any

from flask import Flask, Request, Response, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from werkzeug.exceptions import NotFound, RequestEntityTooLarge
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, Map
from werkzeug.utils import cached_property

from tracker import access, clock, locale, logs, mail
from tracker.config import CHECKOUT, MEGABYTE, Config, load
from tracker.database import db, set_up_engine, writing
from tracker.extensions import babel, bootstrap, compress, csrf, login
from tracker.locale import TRANSLATIONS, choose_language

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "frame-ancestors 'none'; form-action 'self'"
)
# A form may bring ten files of the largest size, or more that are smaller.
FORM_FILES, MOST_FILES, FORM_FIELDS = 10, 50, 1000
FORM_TEXT = MEGABYTE


class Key(IntegerConverter):
    """A whole number in an address that a database can look for; any other is no address of ours."""

    def __init__(self, map: Map, **options: Any) -> None:
        super().__init__(map, **({"max": access.LARGEST_KEY} | options))


class Form(Request):
    """A request whose form has so many fields and files at most, whichever way it was sent.

    Its texts are without the sign that no text on PostgreSQL may hold and nobody types.
    """

    @cached_property
    def args(self) -> MultiDict[str, str]:
        return _without_null(super().args)

    def _load_form_data(self) -> None:
        self._files: list[IO[bytes]] = []
        if self.mimetype == "application/x-www-form-urlencoded":
            # Flask limits the text of forms in parts only; a form without files is nothing but text.
            self.max_content_length = FORM_TEXT
        try:
            super()._load_form_data()
            if sum(len(values) for _, values in self.form.lists()) > FORM_FIELDS:
                raise RequestEntityTooLarge
            self.form = _without_null(self.form)
        except RequestEntityTooLarge:
            # What came before the refusal is held open by nobody else.
            for file in self._files:
                file.close()
            raise

    def _get_file_stream(self, *length_and_name: Any, **more: Any) -> IO[bytes]:
        if len(self._files) == MOST_FILES:
            raise RequestEntityTooLarge
        self._files.append(super()._get_file_stream(*length_and_name, **more))
        return self._files[-1]


def _without_null(texts: MultiDict[str, str]) -> ImmutableMultiDict[str, str]:
    return ImmutableMultiDict(
        (name.replace("\0", ""), text.replace("\0", "")) for name, text in texts.items(multi=True)
    )


class Tracker(Flask):
    """A Flask whose changing requests are one transaction each."""

    request_class = Form

    def dispatch_request(self) -> ResponseReturnValue:
        if "\0" in request.path:
            raise NotFound
        if request.method in SAFE_METHODS:
            return super().dispatch_request()
        with writing():
            answer = self.make_response(super().dispatch_request())
            # A page that shows what is wrong must not have changed anything.
            if answer.status_code >= 400:
                db.session.rollback()
        return answer

    def log_exception(self, exc_info: Any) -> None:
        """What breaks behind every view; Flask's own line would tell the path, and links stand in paths."""
        self.logger.error("request failed", exc_info=exc_info)


def create_app(config: Config | None = None, pages: bool = True) -> Tracker:
    """The application for these settings, else for those of the environment; the jobs need no pages."""
    config = config or load(os.environ)
    logs.set_up(config.log)
    app = Tracker("tracker", root_path=str(CHECKOUT / "tracker"), template_folder=str(CHECKOUT / "templates"))
    app.extensions["tracker.config"] = config
    app.url_map.converters["int"] = Key
    app.config.update(
        SECRET_KEY=config.secret_key,
        SQLALCHEMY_DATABASE_URI=config.database_url,
        # A statement that fails is logged, and in its values stand names, addresses and links of mails.
        SQLALCHEMY_ENGINE_OPTIONS={"hide_parameters": True},
        TESTING=config.testing,
        SESSION_COOKIE_NAME="__Host-session" if config.https else "session",
        SESSION_COOKIE_SECURE=config.https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,
        MAX_CONTENT_LENGTH=FORM_FILES * config.upload_megabytes * MEGABYTE,
        MAX_FORM_MEMORY_SIZE=FORM_TEXT,
        MAX_FORM_PARTS=FORM_FIELDS,
        BOOTSTRAP_SERVE_LOCAL=True,
        BABEL_DEFAULT_LOCALE="th",
        BABEL_TRANSLATION_DIRECTORIES=str(TRANSLATIONS),
        SEND_FILE_MAX_AGE_DEFAULT=365 * 24 * 3600,
        COMPRESS_ALGORITHM=["br", "gzip"],
    )
    config.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    _set_up_extensions(app, config)
    access.set_up(app, clock.now, clock.today)
    if pages:
        # Only here: what they bring along makes half of the time and memory of a process.
        from flask_migrate import Migrate

        from tracker.views import register

        Migrate(app, db, directory=str(CHECKOUT / "tracker" / "migrations"), render_as_batch=True)
        register(app)
    app.after_request(_harden)
    if config.https:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]
    return app


def _set_up_extensions(app: Tracker, config: Config) -> None:
    db.init_app(app)
    with app.app_context():
        set_up_engine(db.engine)
    babel.init_app(app, locale_selector=choose_language)
    locale.set_up(app)
    bootstrap.init_app(app)
    compress.init_app(app)
    csrf.init_app(app)
    login.init_app(app)
    mail.set_up(app, config)


def _harden(answer: Response) -> Response:
    headers: dict[str, Any] = {
        "Content-Security-Policy": SECURITY_POLICY,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "X-Frame-Options": "DENY",
    }
    if request.blueprint == "public":
        # What everybody may see says itself how long it may be kept; what is gone is not kept.
        answer.headers.setdefault("Cache-Control", "no-store")
    elif request.endpoint not in {"static", "bootstrap.static", "assets.file", "organisation.logo"}:
        # Downloads come with a header of their own, which would let a shared browser keep them.
        answer.headers["Cache-Control"] = "no-store"
    if request.is_secure:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    for name, value in headers.items():
        answer.headers.setdefault(name, value)
    return answer
