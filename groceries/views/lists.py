"""All lists, and what recurs."""

from uuid import UUID, uuid4

from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from groceries.actions import create_list, pause_recurring, resume_recurring, set_recurring, stop_recurring
from groceries.forms import ListForm, RecurringForm
from groceries.models import GroceryList, ListState, RecurringItem
from homes.decorators import MemberRequest, member_required
from pantry.errors import ActionError

DONE_SHOWN = 20


@member_required
def lists(request: MemberRequest) -> HttpResponse:
    form = ListForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        begun = create_list(form.cleaned_data["name"], by=request.actor)
        return redirect(reverse("groceries:list", args=[request.home.pk, begun.pk], query=request.GET))
    counted = GroceryList.objects.visible_to(request.member).annotate(
        to_get=Count("entries", filter=Q(entries__state="pending")),
        got=Count("entries", filter=Q(entries__state="purchased")),
    )
    context = {
        "form": form,
        "open": counted.exclude(state=ListState.COMPLETED).order_by("-created_at"),
        "done": counted.filter(state=ListState.COMPLETED).order_by("-completed_at")[:DONE_SHOWN],
        "op_id": uuid4(),
        "tab": "lists",
    }
    return render(request, "groceries/lists.html", context, status=422 if form.errors else 200)


@member_required
def recurring(request: MemberRequest) -> HttpResponse:
    form = RecurringForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.said()
        try:
            set_recurring(
                said.rest or form.cleaned_data["text"],
                form.cleaned_data["frequency"],
                by=request.actor,
                quantity=said.quantity,
                unit=said.unit,
            )
        except ActionError as refusal:
            form.add_error("text", str(refusal))
        else:
            return redirect("groceries:recurring", request.home.pk)
    rules = RecurringItem.objects.visible_to(request.member).select_related("item__category").order_by("next_due_at")
    context = {"form": form, "rules": rules, "now": request.home.now(), "tab": "lists"}
    return render(request, "groceries/recurring.html", context, status=422 if form.errors else 200)


@require_POST
@member_required
def recurring_change(request: MemberRequest, recurring_id: UUID, verb: str) -> HttpResponse:
    rule = get_object_or_404(RecurringItem.objects.visible_to(request.member).select_related("item"), pk=recurring_id)
    CHANGES[verb](rule, by=request.actor)
    return redirect("groceries:recurring", request.home.pk)


CHANGES = {"pause": pause_recurring, "resume": resume_recurring, "stop": stop_recurring}
