"""The page for shopping: large rows, and aisles that shoppers claim."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from groceries.actions import claim_aisle, end_shopping, release_aisle, start_shopping
from groceries.models import Category
from groceries.views.list import get_list, redirect_htmx, render_list, respond
from homes.decorators import MemberRequest, member_required
from pantry.errors import ActionError


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def shop(request: MemberRequest, list_id: UUID) -> HttpResponse:
    """Show the page on GET, start a trip and notify the others on POST."""
    grocery_list = get_list(request, list_id)
    if request.method == "POST":
        try:
            start_shopping(grocery_list, by=request.actor)
        except ActionError as error:
            messages.error(request, str(error))
    elif grocery_list.is_open:
        return render_list(request, grocery_list)
    page = "shop" if grocery_list.is_open else "list"
    return redirect_htmx(request, reverse(f"groceries:{page}", args=[request.home.pk, list_id]))


@require_POST
@member_required
def done(request: MemberRequest, list_id: UUID) -> HttpResponse:
    end_shopping(get_list(request, list_id), by=request.actor)
    return redirect_htmx(request, reverse("groceries:list", args=[request.home.pk, list_id]))


def _action_view(act: Callable[..., Any]) -> Callable[..., HttpResponse]:
    """Return a view that runs an action on an aisle and responds with the list."""

    @require_POST
    @member_required
    def view(request: MemberRequest, list_id: UUID, category_id: UUID) -> HttpResponse:
        grocery_list = get_list(request, list_id)
        category = get_object_or_404(Category.objects.filter(home=request.home), pk=category_id)
        try:
            act(grocery_list, category, by=request.actor)
        except ActionError as error:
            return render_list(request, grocery_list, error=str(error))
        return respond(request, grocery_list)

    return view


claim = _action_view(claim_aisle)
release = _action_view(release_aisle)
