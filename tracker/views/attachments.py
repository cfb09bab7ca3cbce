"""Hands out plan documents that are kept and not read, and takes them off the list."""

from __future__ import annotations

from io import BytesIO

from flask import Blueprint, Response, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from tracker import clock, storage
from tracker.access import actor, allow, get_or_404
from tracker.actions import attaching
from tracker.locale import translate as _
from tracker.models import PlanAttachment
from tracker.rules.permissions import Deed
from tracker.trouble import FileGone
from tracker.views.documents import to_save

blueprint = Blueprint("attachments", __name__, url_prefix="/plan/attachments")


@blueprint.get("/<int:attachment_id>")
@allow(Deed.SEE_PLAN)
def download(attachment_id: int) -> Response:
    """The file as it was uploaded, always as an attachment that can run nothing."""
    attachment = get_or_404(PlanAttachment, attachment_id)
    data = storage.source(attachment.sha256)
    if data is None:
        raise FileGone(attachment.sha256)
    return to_save(BytesIO(data), "application/pdf", attachment.name, attachment.id)


@blueprint.post("/<int:attachment_id>/remove")
@allow(Deed.EDIT_PLAN)
def remove(attachment_id: int) -> ResponseReturnValue:
    attachment = get_or_404(PlanAttachment, attachment_id)
    attaching.detach(attachment, now=clock.now(), by=actor())
    flash(_("นำ “%(name)s” ออกแล้ว", name=attachment.name), "success")
    return redirect(url_for("importing.upload"), 303)
