"""Pages that take a pasted text onto a list, give the list as text, and change several entries at once."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from groceries.actions import add_lines, move_entries, set_entry_states
from groceries.forms import FileForm, PasteForm, RecipeForm
from groceries.labels import label_lists
from groceries.list_presenter import ListPresenter
from groceries.models import GroceryList, ListEntry
from groceries.paste import Pasted
from groceries.recipes import fetch_recipe
from groceries.views.lists import get_list, parse_id, redirect_to, undo_url
from homes.decorators import MemberRequest, error_messages, member_form, member_page
from pantry.api.throttles import client_address, count_or_refuse, identify
from pantry.errors import ActionError
from pantry.forms import form_errors

MAX_SELECTABLE = 150  # entries of one page
CHOICES = ("purchased", "removed", "pending")


@member_form
def paste(request: MemberRequest, list_id: UUID) -> HttpResponse:
    """Show the field, then the lines of the text to choose from, then add those that were chosen."""
    grocery_list, pasted = get_list(request, list_id), None
    form = PasteForm(request.POST or None, initial={"text": request.GET.get("text", "")})
    if form.is_valid():
        with form_errors(form):
            pasted = Pasted.read(form.cleaned_data["text"], request.home, form.portions)
            if request.POST.get("digest") == pasted.digest:
                entries = add_lines(grocery_list, pasted.choose(request.POST.getlist("take")), by=request.actor)
                text = ngettext("Added %(n)d item.", "Added %(n)d items.", len(entries)) % {"n": len(entries)}
                messages.success(request, text, extra_tags=undo_url(request) if entries else "")
                return redirect_to(request, "list", grocery_list)
    url_form = RecipeForm(initial={"url": request.GET.get("url", "")})
    return render_paste(request, grocery_list, form=form, url_form=url_form, pasted=pasted)


@member_form
def recipe(request: MemberRequest, list_id: UUID) -> HttpResponse:
    """Read the recipe of a web page, and show its ingredients as if they had been pasted."""
    grocery_list, pasted = get_list(request, list_id), None
    if request.method != "POST":
        return redirect_to(request, "paste", grocery_list)
    form, url_form = PasteForm(), RecipeForm(request.POST)
    if url_form.is_valid():
        count_or_refuse("files", identify(client_address(request), request.user))
        with form_errors(url_form, "url"):
            page = fetch_recipe(url_form.cleaned_data["url"])
            fields = {"text": page.text, "has": page.serves, "needs": page.serves, "recipe": page.title}
            form = PasteForm({name: value for name, value in fields.items() if value is not None})
    if form.is_valid():
        with form_errors(form):
            pasted = Pasted.read(form.cleaned_data["text"], request.home, form.portions)
    return render_paste(request, grocery_list, form=form, url_form=url_form, pasted=pasted)


def render_paste(request: MemberRequest, grocery_list: GroceryList, **context: Any) -> HttpResponse:
    """Render the page of everything that can be taken onto a list; `context` has some of its forms and lines."""
    context = {"form": PasteForm(), "url_form": RecipeForm(), "file_form": FileForm(), **context}
    has_errors = any(context[name].errors for name in ("form", "url_form", "file_form"))
    context |= {"list": grocery_list, "op_id": uuid4(), "tab": "lists"}
    return render(request, "groceries/paste.html", context, status=422 if has_errors else 200)


@member_page
def text(request: MemberRequest, list_id: UUID) -> HttpResponse:
    """Return the list as text, to be copied."""
    presenter = ListPresenter(request.home, get_list(request, list_id))
    return HttpResponse(presenter.as_text(), content_type="text/plain; charset=utf-8")


@member_form
def select(request: MemberRequest, list_id: UUID) -> HttpResponse:
    """Show the entries to choose from on GET; buy, remove, put back or move the chosen ones on POST."""
    grocery_list, status = get_list(request, list_id), 200
    if request.method == "POST":
        with error_messages(request):
            change_selected(request, grocery_list)
            return redirect_to(request, "list", grocery_list)
        status = 422
    entries = ListEntry.objects.filter(list=grocery_list, state__in=["pending", "purchased"]).in_aisles(
        grocery_list.store
    )
    page = Paginator(entries.order_by("state", *entries.query.order_by), MAX_SELECTABLE).get_page(
        request.GET.get("page")
    )
    targets = [
        each for each in label_lists(GroceryList.objects.visible_to(request.member).open()) if each.pk != list_id
    ]
    context = {"list": grocery_list, "page": page, "targets": targets, "op_id": uuid4(), "tab": "lists"}
    return render(request, "groceries/list_select.html", context, status=status)


def change_selected(request: MemberRequest, grocery_list: GroceryList) -> None:
    entries = list(selected_entries(request, grocery_list))
    if not entries:
        raise ActionError(_("Select at least one item."))
    count = {"n": len(entries)}
    if request.POST.get("do") == "move":
        targets = GroceryList.objects.visible_to(request.member).open()
        target = get_object_or_404(targets, pk=parse_id(request.POST.get("to", "")))
        move_entries(entries, target, by=request.actor)
        sentence = ngettext("Moved %(n)d item to “%(list)s”.", "Moved %(n)d items to “%(list)s”.", len(entries))
        text = sentence % {**count, "list": target}
    elif request.POST.get("do") in CHOICES:
        set_entry_states(entries, request.POST["do"], by=request.actor)
        text = ngettext("Changed %(n)d item.", "Changed %(n)d items.", len(entries)) % count
    else:
        raise ActionError(_("Choose what to do with them."))
    messages.success(request, text, extra_tags=undo_url(request))


def selected_entries(request: MemberRequest, grocery_list: GroceryList) -> Any:
    ids = [pk for text in request.POST.getlist("entry") if (pk := parse_id(text)) is not None]
    return (
        ListEntry.objects.visible_to(request.member).filter(list=grocery_list, pk__in=ids).in_aisles(grocery_list.store)
    )
