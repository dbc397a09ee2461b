"""The page that takes lines of another product's file onto a list."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import ngettext

from groceries.actions import add_lines
from groceries.file_imports import Part, load, read_lists, sign, with_known_aisles
from groceries.forms import FileForm
from groceries.paste import MAX_LINES
from groceries.views.lines import render_paste
from groceries.views.lists import get_list, redirect_to, undo_url
from homes.decorators import MemberRequest, member_form
from pantry.api.throttles import client_address, count_or_refuse, identify
from pantry.forms import form_errors
from pantry.uploads import takes_file


@takes_file
@member_form
def import_file(request: MemberRequest, list_id: UUID) -> HttpResponse:
    """Read the file, show its lists in parts to choose from, and add what was chosen of each part."""
    grocery_list = get_list(request, list_id)
    if request.method != "POST":
        return redirect_to(request, "paste", grocery_list)
    form = FileForm(request.POST, request.FILES)
    context: dict[str, Any] = {"file_form": form}
    if form.is_valid():
        if not (token := form.cleaned_data["lines"]):
            count_or_refuse("files", identify(client_address(request), request.user))
        with form_errors(form, "file"):
            file = load(token, request.home) if token else read_lists(form.cleaned_data["file"].read(), request.home)
            index = min(form.cleaned_data["list"] or 0, len(file.lists) - 1)
            part = Part(file.lists[index], form.cleaned_data["start"] or 0, MAX_LINES)
            if "add" in request.POST:
                lines = with_known_aisles(part.choose(request.POST.getlist("take")), request.home)
                entries = add_lines(grocery_list, lines, by=request.actor)
                text = ngettext("Added %(n)d item.", "Added %(n)d items.", len(entries)) % {"n": len(entries)}
                messages.success(request, text, extra_tags=undo_url(request) if entries else "")
                if not part.has_next:
                    return redirect_to(request, "list", grocery_list)
                part = Part(part.of, part.end, MAX_LINES)
            context = {"file": file, "part": part, "list_index": index}
            context["token"] = token or sign(file, request.home)
    return render_paste(request, grocery_list, **context)
