"""All lists, and recurring items."""

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

MAX_COMPLETED_LISTS = 20


@member_required
def lists(request: MemberRequest) -> HttpResponse:
    form = ListForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        grocery_list = create_list(form.cleaned_data["name"], by=request.actor)
        return redirect(reverse("groceries:list", args=[request.home.pk, grocery_list.pk], query=request.GET))
    lists_with_counts = GroceryList.objects.visible_to(request.member).annotate(
        to_get=Count("entries", filter=Q(entries__state="pending")),
        got=Count("entries", filter=Q(entries__state="purchased")),
    )
    context = {
        "form": form,
        "open": lists_with_counts.exclude(state=ListState.COMPLETED).order_by("-created_at"),
        "done": lists_with_counts.filter(state=ListState.COMPLETED).order_by("-completed_at")[:MAX_COMPLETED_LISTS],
        "op_id": uuid4(),
        "tab": "lists",
    }
    return render(request, "groceries/lists.html", context, status=422 if form.errors else 200)


@member_required
def recurring(request: MemberRequest) -> HttpResponse:
    form = RecurringForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        amount = form.parsed_amount()
        try:
            set_recurring(
                amount.rest or form.cleaned_data["text"],
                form.cleaned_data["frequency"],
                by=request.actor,
                quantity=amount.quantity,
                unit=amount.unit,
            )
        except ActionError as error:
            form.add_error("text", str(error))
        else:
            return redirect("groceries:recurring", request.home.pk)
    rules = RecurringItem.objects.visible_to(request.member).select_related("item__category").order_by("next_due_at")
    context = {"form": form, "rules": rules, "now": request.home.now(), "tab": "lists"}
    return render(request, "groceries/recurring.html", context, status=422 if form.errors else 200)


@require_POST
@member_required
def recurring_change(request: MemberRequest, recurring_id: UUID, verb: str) -> HttpResponse:
    rule = get_object_or_404(RecurringItem.objects.visible_to(request.member).select_related("item"), pk=recurring_id)
    RECURRING_ACTIONS[verb](rule, by=request.actor)
    return redirect("groceries:recurring", request.home.pk)


RECURRING_ACTIONS = {"pause": pause_recurring, "resume": resume_recurring, "stop": stop_recurring}
