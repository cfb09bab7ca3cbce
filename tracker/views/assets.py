"""Fonts, icons and style sheets that come from installed packages, under addresses that change with their content."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import flask_bootstrap
from flask import Blueprint, Flask, Response, abort, current_app, request, send_file, url_for

from tracker import trouble
from tracker.access import public
from tracker.extensions import settings
from tracker.writing.fonts import webfonts
from tracker.writing.icons import sprite

blueprint = Blueprint("assets", __name__)
BOOTSTRAP = Path(flask_bootstrap.__file__).parent / "static" / "bootstrap5" / "css" / "bootstrap.min.css"
MEDIA_TYPES = {".woff2": "font/woff2", ".svg": "image/svg+xml", ".css": "text/css"}


@blueprint.get("/assets/<name>")
@public
def file(name: str) -> Response:
    """A font, the icons or Bootstrap's style sheet."""
    path = _path(name)
    if path is None:
        abort(404)
    return send_file(path, mimetype=MEDIA_TYPES[path.suffix], max_age=365 * 24 * 3600)


@cache
def _generated(folder: Path) -> dict[str, Path]:
    """The files by the name they are asked for; fonts and icons are made in the cache folder the first time."""
    fonts = {f"{name.removesuffix('.woff2')}.woff2": path for name, path in webfonts(folder).items()}
    return {**fonts, "icons.svg": sprite(folder)}


def _path(name: str) -> Path | None:
    return BOOTSTRAP if name == BOOTSTRAP.name else _generated(settings().cache_folder).get(name)


@cache
def _version(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10]


def asset(name: str) -> str:
    """The address of an asset, with a version that changes with its content."""
    try:
        return _address(settings().data, request.script_root, name)
    except OSError as failure:
        if trouble.told(failure) is None:
            raise
        # A page without its font still says that the disk is full.
        return url_for("assets.file", name=name)


@cache
def _address(_data: Path, _script_root: str, name: str) -> str:
    # A page names its icons a hundred times: the address is made once.
    own = Path(str(current_app.static_folder)) / name
    if own.is_file() or (path := _path(name)) is None:
        return url_for("static", filename=name, v=_version(own))
    return url_for("assets.file", name=name, v=_version(path))


def set_up(app: Flask) -> None:
    app.register_blueprint(blueprint)
    app.add_template_global(asset, "asset")
