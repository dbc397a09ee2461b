"""The page on which an owner sets the home's language model."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from groceries.reports import Period
from homes.decorators import MemberRequest, member_required
from pantry.errors import ActionError, Forbidden
from pixie.actions import choose_model
from pixie.forms import ModelForm
from pixie.llm.access import model_access, probe, server_access
from pixie.models import LOCAL, ModelAccess
from pixie.replies import excuses
from pixie.usage import costs


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def model(request: MemberRequest) -> HttpResponse:
    own = ModelAccess.objects.filter(home=request.home).first()
    form = ModelForm(request.POST or None, access=own, has_server=server_access() is not None)
    if request.method == "POST" and form.is_valid():
        try:
            choose_model(by=request.actor, **form.model_access)
        except Forbidden as error:
            messages.error(request, str(error))
            return redirect("pixie:model", request.home.pk)
        except ActionError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Your choice has been saved."))
            return redirect("pixie:model", request.home.pk)
    return render(request, "pixie/model.html", _context(request, form), status=422 if form.errors else 200)


@require_POST
@member_required
def try_model(request: MemberRequest) -> HttpResponse:
    """Send a test message to each saved model and show the result."""
    access = model_access(request.home)
    if not request.member.is_owner or access is None:
        messages.error(request, _("There is nothing to test yet."))
        return redirect("pixie:model", request.home.pk)
    answered, failure = probe(access)
    if answered:
        messages.success(request, _("Answered: %(models)s.") % {"models": ", ".join(answered)})
    if failure is not None:
        messages.error(request, excuses.error_text(failure.kind))
    return redirect("pixie:model", request.home.pk)


def _context(request: MemberRequest, form: ModelForm) -> dict[str, Any]:
    groups = costs.usage_by(Period.month(request.home), "model").groups
    return {
        "tab": "home",
        "form": form,
        "access": model_access(request.home),
        "budget": costs.budget_of(request.home),
        "spent": [group for group in groups if group["key"] != LOCAL],
    }
