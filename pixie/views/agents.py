"""Pages of the home's agents and its language model, with their settings for owners."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from groceries.reports import Period
from homes.decorators import MemberRequest, error_messages, member_form, member_page, member_post
from homes.models import Agent
from pantry.errors import ActionError, Forbidden, StaleVersion
from pantry.forms import add_stale_error, form_errors, render_form
from pixie.actions import change_agent, choose_model, create_agent, remove_agent
from pixie.actions.agents import is_removable
from pixie.forms import AgentForm, ModelForm
from pixie.llm.access import model_access, probe, server_access
from pixie.models import LOCAL, ModelAccess
from pixie.replies import excuses
from pixie.usage import costs


@member_page
def agents(request: MemberRequest) -> HttpResponse:
    rows = Agent.objects.filter(home=request.home).order_by("-is_active", "created_at")
    template = "pixie/agents.html#agents" if request.htmx else "pixie/agents.html"
    return render(request, template, {"agents": rows, "seq": request.home.last_seq, "tab": "home"})


@member_form
def new_agent(request: MemberRequest) -> HttpResponse:
    if not request.member.is_owner:
        messages.error(request, _("Only an owner can change the home's agents."))
        return redirect("pixie:agents", request.home.pk)
    form = AgentForm(request.POST or None, row=Agent(home=request.home))
    if form.is_valid():
        fields = {name: value for name, value in form.cleaned_data.items() if name != "version"}
        with form_errors(form, "display_name"):
            agent = create_agent(by=request.actor, **fields)
            messages.success(request, _("%(agent)s has been added.") % {"agent": agent})
            return redirect("pixie:agent", request.home.pk, agent.pk)
    has_model = model_access(request.home) is not None
    return render_form(request, "pixie/agent_new.html", form, has_model=has_model, tab="home")


@member_form
def agent(request: MemberRequest, agent_id: UUID) -> HttpResponse:
    agent = get_agent(request, agent_id)
    form = AgentForm(request.POST or None, row=agent)
    if form.is_valid():
        try:
            changed = change_agent(agent, by=request.actor, **form.cleaned_data)
        except Forbidden as error:
            messages.error(request, str(error))
            return redirect("pixie:agent", request.home.pk, agent_id)
        except StaleVersion as stale:
            agent = stale.current
            message = _("Somebody else changed this in the meantime. Save again to replace their version.")
            add_stale_error(form, stale, None, message)
        except ActionError as error:
            form.add_error("display_name", str(error))
        else:
            messages.success(request, _("%(agent)s has been saved.") % {"agent": changed})
            return redirect("pixie:agent", request.home.pk, agent_id)
    context = {
        "agent": agent,
        "has_model": model_access(request.home) is not None,
        "is_removable": request.member.is_owner and is_removable(agent),
        "tab": "home",
    }
    return render_form(request, "pixie/agent.html", form, **context)


@member_post
def set_awake(request: MemberRequest, agent_id: UUID) -> HttpResponse:
    """Wake the agent (`awake=yes`) or put it to sleep."""
    agent, is_awake = get_agent(request, agent_id), request.POST.get("awake") == "yes"
    with error_messages(request):
        change_agent(agent, by=request.actor, is_active=is_awake)
        message = _("%(agent)s is awake.") if is_awake else _("%(agent)s is asleep and will say so when somebody asks.")
        messages.success(request, message % {"agent": agent})
    return redirect("pixie:agent", request.home.pk, agent_id)


@member_post
def remove(request: MemberRequest, agent_id: UUID) -> HttpResponse:
    agent = get_agent(request, agent_id)
    with error_messages(request):
        remove_agent(agent, by=request.actor)
        messages.success(request, _("%(agent)s has been deleted.") % {"agent": agent})
        return redirect("pixie:agents", request.home.pk)
    return redirect("pixie:agent", request.home.pk, agent_id)


def get_agent(request: MemberRequest, agent_id: UUID) -> Agent:
    return get_object_or_404(Agent, pk=agent_id, home=request.home)


@member_form
def model(request: MemberRequest) -> HttpResponse:
    """Set the home's language model."""
    own = ModelAccess.objects.filter(home=request.home).first()
    form = ModelForm(request.POST or None, access=own, has_server=server_access() is not None)
    if form.is_valid():
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
    groups = costs.usage_by(Period.month(request.home), "model").groups
    context = {
        "tab": "home",
        "access": model_access(request.home),
        "budget": costs.budget_of(request.home),
        "spent": [group for group in groups if group["key"] != LOCAL],
    }
    return render_form(request, "pixie/model.html", form, **context)


@member_post
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
