"""The Flask extensions, made once and bound to the application in `app`."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import copy_context
from typing import TypeVar, cast

from flask import Flask, current_app
from flask_babel import Babel
from flask_bootstrap import Bootstrap5
from flask_compress import Compress
from flask_login import LoginManager
from flask_wtf.csrf import CSRFProtect
from werkzeug.local import LocalProxy

from tracker.config import Config

Result = TypeVar("Result")

babel = Babel()
bootstrap = Bootstrap5()
compress = Compress()
csrf = CSRFProtect()
login = LoginManager()
# It would write the cookie anew with every picture of a page; who asks is looked up in the database each time.
login.session_protection = None


def settings() -> Config:
    """The application's frozen settings, for code below Flask's edges."""
    return cast(Config, current_app.extensions["tracker.config"])


def for_a_thread(work: Callable[[], Result]) -> Callable[[], Result]:
    """The same work for another thread: of the same application, in the same log, with a session of its own."""
    app, here = cast("LocalProxy[Flask]", current_app)._get_current_object(), copy_context()

    def there() -> Result:
        with app.app_context():
            return work()

    return lambda: here.run(there)
