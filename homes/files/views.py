"""Pages that show a file, and the forms that add and remove one."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from homes.decorators import MemberRequest, error_messages, member_page, member_post
from homes.export import spool
from homes.files import hooks
from homes.files.actions import add_file, remove_file
from homes.files.export import archive_files
from homes.files.models import StoredFile
from homes.files.serving import content_response, thumbnail_response
from homes.models import Membership
from pantry.errors import ActionError
from pantry.uploads import takes_file


@member_page
def page(request: MemberRequest, file_id: UUID) -> HttpResponse:
    file = get_file(request, file_id)
    target = get_target(request, file.kind, file.target_id)
    context = {"file": file, "target": target, "back": file.attachable.url(target), "op_id": uuid4()}
    return render(request, "files/file.html", context)


@member_page
def content(request: MemberRequest, file_id: UUID) -> HttpResponseBase:
    return content_response(request, get_file(request, file_id))


@member_page
def thumbnail(request: MemberRequest, file_id: UUID) -> HttpResponseBase:
    return thumbnail_response(request, get_file(request, file_id))


@member_page
def archive(request: MemberRequest) -> HttpResponseBase:
    """Send all files of the home to an owner. The JSON export of a home with many leaves some out."""
    if not request.member.is_owner:
        raise PermissionDenied
    with error_messages(request):
        file = spool(archive_files(request.home), request.user.pk)
        return FileResponse(file, as_attachment=True, filename="files.zip")
    return redirect("homes:home", request.home.pk)


@takes_file
@member_post
def add(request: MemberRequest, kind: str, target_id: UUID) -> HttpResponse:
    """Attach the form's file, and show the page of the row with it, or with the sentence that says why not."""
    target = get_target(request, kind, target_id)
    with error_messages(request):
        upload = request.FILES.get("file")
        if upload is None:
            raise ActionError(_("Choose a file first."))
        file = add_file(kind, target, upload.name or "", upload.read(), by=request.actor)
        messages.success(request, _("%(file)s is added.") % {"file": file}, extra_tags=undo_url(request))
    return redirect(hooks.kinds[kind].url(target))


@member_post
def remove(request: MemberRequest, file_id: UUID) -> HttpResponse:
    file = get_file(request, file_id)
    with error_messages(request):
        remove_file(file, by=request.actor)
        messages.success(request, _("%(file)s is removed.") % {"file": file}, extra_tags=undo_url(request))
    return redirect(file.attachable.url(get_target(request, file.kind, file.target_id)))


def undo_url(request: MemberRequest) -> str:
    """Return the URL that undoes what the request does, for a toast. Empty for a form without an operation id."""
    op_id = request.actor.op_id
    return reverse("groceries:undo", args=[request.home.pk, op_id]) if op_id else ""


def page_of_target(member: Membership, file: dict[str, Any]) -> str:
    """Return the page of the row that a file of an event is attached to, empty if the row can't be seen any more."""
    attachable = hooks.kinds[file["kind"]]
    target = attachable.model.objects.visible_to(member).filter(pk=file["target_id"]).first()
    return attachable.url(target) if target else ""


def get_file(request: MemberRequest, file_id: UUID) -> StoredFile:
    files = StoredFile.objects.visible_to(request.member).select_related("uploaded_by")
    return get_object_or_404(files, pk=file_id)


def get_target(request: MemberRequest, kind: str, target_id: UUID) -> Any:
    """Return the row that a file is, or will be, attached to."""
    if kind not in hooks.kinds:
        raise Http404
    return get_object_or_404(hooks.kinds[kind].model.objects.visible_to(request.member), pk=target_id)
