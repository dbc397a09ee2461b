"""Answers to forecasts, on a list and on the page of recurring items. Every one can be undone from its toast."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import formats
from django.utils.translation import gettext as _

from groceries.actions import add_forecast, allow_forecasts, refuse_forecasts, snooze_forecast
from groceries.models import GroceryList, Item
from groceries.views.lists import list_action
from groceries.views.recurring import offer_undo
from homes.decorators import MemberRequest, error_messages, member_post
from homes.events.actor import Actor
from homes.operations import operation

Answer = Callable[[Item, Actor, GroceryList | None], str]


def _add(item: Item, by: Actor, grocery_list: GroceryList | None) -> str:
    entry = add_forecast(item, by=by, grocery_list=grocery_list)
    return _("%(item)s is on %(list)s.") % {"item": item, "list": entry.list}


def _snooze(item: Item, by: Actor, _list: GroceryList | None) -> str:
    day: Any = snooze_forecast(item, by=by).snoozed_until
    return _("%(item)s comes up again on %(day)s.") % {
        "item": item,
        "day": formats.date_format(day, "MONTH_DAY_FORMAT"),
    }


def _refuse(item: Item, by: Actor, _list: GroceryList | None) -> str:
    refuse_forecasts(item, by=by)
    return _("%(item)s won't be suggested again.") % {"item": item}


def _allow(item: Item, by: Actor, _list: GroceryList | None) -> str:
    allow_forecasts(item, by=by)
    return _("%(item)s will be suggested again.") % {"item": item}


ANSWERS: dict[str, Answer] = {"add": _add, "snooze": _snooze, "refuse": _refuse, "allow": _allow}


@list_action
def answer_on_list(request: MemberRequest, grocery_list: GroceryList, item_id: UUID, verb: str) -> None:
    _answer(request, item_id, verb, grocery_list)


@member_post
def answer(request: MemberRequest, item_id: UUID, verb: str) -> HttpResponse:
    with error_messages(request):
        _answer(request, item_id, verb, None)
    return redirect("groceries:recurring", request.home.pk)


def _answer(request: MemberRequest, item_id: UUID, verb: str, grocery_list: GroceryList | None) -> None:
    item, by = get_object_or_404(Item.objects.visible_to(request.member), pk=item_id), operation(request)
    offer_undo(request, by, ANSWERS[verb](item, by, grocery_list))
