"""Take, dismiss and reopen suggestions."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from homes.decorators import MemberRequest, member_required, show_action_errors
from pixie.actions import dismiss_suggestion, reopen_suggestion, take_suggestion
from pixie.models import Suggestion, SuggestionKind


def today_url(request: HttpRequest, **kwargs: Any) -> str:
    return reverse("pixie:today", args=[request.home.pk])  # type: ignore[attr-defined]  # admitted by then


@require_POST
@member_required
@show_action_errors(today_url)
def take(request: MemberRequest, suggestion_id: UUID) -> HttpResponse:
    taken = take_suggestion(get_suggestion(request, suggestion_id), by=request.actor)
    if taken.kind == SuggestionKind.BUDGET:
        return redirect("groceries:money", request.home.pk)
    messages.success(request, _("%(item)s is on the list.") % {"item": taken.title})
    return redirect(today_url(request))


@require_POST
@member_required
@show_action_errors(today_url)
def dismiss(request: MemberRequest, suggestion_id: UUID) -> HttpResponse:
    dismissed = dismiss_suggestion(get_suggestion(request, suggestion_id), by=request.actor)
    undo_url = reverse("pixie:reopen_suggestion", args=[request.home.pk, dismissed.pk])
    messages.success(
        request,
        _("%(what)s won't be suggested again for a while.") % {"what": dismissed.title},
        extra_tags=undo_url,
    )
    return redirect(today_url(request))


@require_POST
@member_required
@show_action_errors(today_url)
def reopen(request: MemberRequest, suggestion_id: UUID) -> HttpResponse:
    reopen_suggestion(get_suggestion(request, suggestion_id), by=request.actor)
    return redirect(today_url(request))


def get_suggestion(request: MemberRequest, suggestion_id: UUID) -> Suggestion:
    visible = Suggestion.objects.visible_to(request.member).select_related("item", "home")
    suggestion: Suggestion = get_object_or_404(visible, pk=suggestion_id)
    return suggestion
