"""In the shop: the list with large rows, the aisles shared out."""

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
from groceries.views.list import after, get_list, redirect_to, show
from homes.decorators import MemberRequest, member_required
from pantry.errors import ActionError


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def shop(request: MemberRequest, list_id: UUID) -> HttpResponse:
    """Looking at the page does not yet tell the others that one is shopping; pressing the button does."""
    grocery_list = get_list(request, list_id)
    if request.method == "POST":
        try:
            start_shopping(grocery_list, by=request.actor)
        except ActionError as refusal:
            messages.error(request, str(refusal))
    elif grocery_list.is_open:
        return show(request, grocery_list)
    page = "shop" if grocery_list.is_open else "list"
    return redirect_to(request, reverse(f"groceries:{page}", args=[request.home.pk, list_id]))


@require_POST
@member_required
def done(request: MemberRequest, list_id: UUID) -> HttpResponse:
    end_shopping(get_list(request, list_id), by=request.actor)
    return redirect_to(request, reverse("groceries:list", args=[request.home.pk, list_id]))


def _aisle(verb: Callable[..., Any]) -> Callable[..., HttpResponse]:
    @require_POST
    @member_required
    def press(request: MemberRequest, list_id: UUID, category_id: UUID) -> HttpResponse:
        grocery_list = get_list(request, list_id)
        category = get_object_or_404(Category.objects.filter(home=request.home), pk=category_id)
        try:
            verb(grocery_list, category, by=request.actor)
        except ActionError as refusal:
            return show(request, grocery_list, error=str(refusal))
        return after(request, grocery_list)

    return press


claim = _aisle(claim_aisle)
release = _aisle(release_aisle)
