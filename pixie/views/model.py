"""The page on which an owner gives the home a language model."""

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
            choose_model(by=request.actor, **form.chosen)
        except Forbidden as refusal:
            messages.error(request, str(refusal))
            return redirect("pixie:model", request.home.pk)
        except ActionError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("What you chose is saved."))
            return redirect("pixie:model", request.home.pk)
    return render(request, "pixie/model.html", _context(request, form), status=422 if form.errors else 200)


@require_POST
@member_required
def try_model(request: MemberRequest) -> HttpResponse:
    """Say hello to the models that are saved, and say kindly what came of it."""
    access = model_access(request.home)
    if not request.member.is_owner or access is None:
        messages.error(request, _("There is nothing to try out yet."))
        return redirect("pixie:model", request.home.pk)
    answered, fault = probe(access)
    if answered:
        messages.success(request, _("Answered: %(models)s.") % {"models": ", ".join(answered)})
    if fault is not None:
        messages.error(request, excuses.error_text(fault.kind))
    return redirect("pixie:model", request.home.pk)


def _context(request: MemberRequest, form: ModelForm) -> dict[str, Any]:
    used = costs.usage_by(Period.month(request.home), "model").groups
    return {
        "tab": "home",
        "form": form,
        "access": model_access(request.home),
        "budget": costs.budget_of(request.home),
        "spent": [each for each in used if each["key"] != LOCAL],
    }
