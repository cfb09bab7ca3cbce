"""The Flask extensions, made once and bound to the application in `app`."""

from __future__ import annotations

from typing import cast

from flask import current_app
from flask_babel import Babel
from flask_bootstrap import Bootstrap5
from flask_compress import Compress
from flask_login import LoginManager
from flask_wtf.csrf import CSRFProtect

from tracker.config import Config

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
