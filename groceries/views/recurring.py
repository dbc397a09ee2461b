"""Pages of recurring items. Every change can be undone from its toast."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from groceries.actions import (
    add_recurring_early,
    change_recurring,
    create_recurring,
    current_list,
    pause_recurring,
    resume_recurring,
    skip_recurring,
    snooze_recurring,
    stop_recurring,
)
from groceries.actions.items import with_own_names
from groceries.forecasts import cached_forecasts
from groceries.forms import RecurringForm, RuleForm, SnoozeForm
from groceries.models import RecurringItem
from groceries.parsing.entries import parse_line
from groceries.parsing.notes import join_notes
from groceries.views.lists import SUGGESTED_UNITS, render_list, respond
from homes.decorators import MemberRequest, error_messages, member_form, member_post
from homes.events.actor import Actor
from homes.operations import operation
from pantry.forms import form_errors, render_form

Change = Callable[[RecurringItem, Actor], object]
CHANGES: dict[str, tuple[Change, Any]] = {
    "pause": (lambda rule, by: pause_recurring(rule, by=by), gettext_lazy("%(item)s is paused.")),
    "resume": (lambda rule, by: resume_recurring(rule, by=by), gettext_lazy("%(item)s goes on.")),
    "skip": (lambda rule, by: skip_recurring(rule, by=by), gettext_lazy("%(item)s is skipped once.")),
    "stop": (lambda rule, by: stop_recurring(rule, by=by), gettext_lazy("%(item)s no longer comes back.")),
}


@member_form
def recurring(request: MemberRequest) -> HttpResponse:
    """List the recurring items, with a form to create one, and the forecasts."""
    form = RecurringForm(request.POST or None, home=request.home)
    if form.is_valid():
        text, by = form.cleaned_data["text"], operation(request)
        line = with_own_names(request.home, lambda names: parse_line(text, names))
        with form_errors(form, "text"):
            name = join_notes(line.name, line.note)  # a recurring item has no note of its own
            rule = create_recurring(name, by=by, quantity=line.quantity, unit=line.unit, **form.rule)
            offer_undo(request, by, _("%(item)s comes back from now on.") % {"item": rule.item})
            return redirect("groceries:recurring", request.home.pk)
    rules = RecurringItem.objects.visible_to(request.member).select_related("item").order_by("next_due_at")
    context = {"rules": rules, "forecasts": cached_forecasts(request.home), "tab": "lists"}
    return render_form(request, "groceries/recurring.html", form, **context)


@member_form
def edit(request: MemberRequest, recurring_id: UUID) -> HttpResponse:
    rule, by = get_rule(request, recurring_id), operation(request)
    form = RuleForm(request.POST or None, recurring=rule)
    if form.is_valid():
        with form_errors(form):
            amount = {name: form.cleaned_data[name] for name in ("quantity", "unit")}
            change_recurring(rule, by=by, **amount, **form.rule)
            offer_undo(request, by, _("%(item)s is changed.") % {"item": rule.item})
            return redirect("groceries:recurring", request.home.pk)
    context = {"rule": rule, "snooze_form": SnoozeForm(recurring=rule), "tab": "lists", "units": SUGGESTED_UNITS}
    return render_form(request, "groceries/recurring_edit.html", form, **context)


@member_post
def change(request: MemberRequest, recurring_id: UUID, verb: str) -> HttpResponse:
    """Pause, resume, skip or stop a recurring item."""
    rule, by = get_rule(request, recurring_id), operation(request)
    act, done = CHANGES[verb]
    with error_messages(request):
        act(rule, by)
        offer_undo(request, by, done % {"item": rule.item})
    return redirect("groceries:recurring", request.home.pk)


@member_post
def snooze(request: MemberRequest, recurring_id: UUID) -> HttpResponse:
    rule, by = get_rule(request, recurring_id), operation(request)
    form = SnoozeForm(request.POST, recurring=rule)
    if form.is_valid():
        with form_errors(form, "day"):
            rule = snooze_recurring(rule, form.cleaned_data["day"], by=by)
            day = formats.date_format(timezone.localtime(rule.next_due_at), "MONTH_DAY_FORMAT")
            offer_undo(request, by, _("%(item)s comes on %(day)s.") % {"item": rule.item, "day": day})
            return redirect("groceries:recurring", request.home.pk)
    context = {"rule": rule, "snooze_form": form, "tab": "lists", "units": SUGGESTED_UNITS}
    page = render_form(request, "groceries/recurring_edit.html", RuleForm(recurring=rule), **context)
    page.status_code = 422
    return page


@member_post
def add_due(request: MemberRequest, recurring_id: UUID) -> HttpResponse:
    """Add a recurring item to the current list before it is due."""
    rule, by = get_rule(request, recurring_id), operation(request)
    with error_messages(request):
        grocery_list = add_recurring_early(rule, by=by).list
        offer_undo(request, by, _("%(item)s is on the list.") % {"item": rule.item})
        return respond(request, grocery_list)
    return render_list(request, current_list(by=request.actor), status=422)


def get_rule(request: MemberRequest, recurring_id: UUID) -> RecurringItem:
    rules: Any = RecurringItem.objects.visible_to(request.member).select_related("item", "home")
    return get_object_or_404(rules, pk=recurring_id)


def offer_undo(request: MemberRequest, by: Actor, text: str, *, is_final: bool = False) -> None:
    """Say in a toast what is done, with Undo unless it is final."""
    url = reverse("groceries:undo", args=[request.home.pk, by.op_id])
    messages.success(request, text, extra_tags="" if is_final else url)
