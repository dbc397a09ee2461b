"""Pages of the home's agents, and their settings for owners."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from homes.decorators import MemberRequest, member_required
from homes.models import Agent
from pantry.errors import ActionError, Forbidden, StaleVersion
from pixie.actions import change_agent, create_agent, remove_agent
from pixie.actions.agents import is_removable
from pixie.forms import AgentForm
from pixie.llm.access import model_access


@require_safe
@member_required
def agents(request: MemberRequest) -> HttpResponse:
    rows = Agent.objects.filter(home=request.home).order_by("-is_active", "created_at")
    template = "pixie/agents.html#agents" if request.htmx else "pixie/agents.html"
    return render(request, template, {"agents": rows, "seq": request.home.last_seq, "tab": "home"})


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def new_agent(request: MemberRequest) -> HttpResponse:
    if not request.member.is_owner:
        messages.error(request, _("Only an owner can change the home's agents."))
        return redirect("pixie:agents", request.home.pk)
    form = AgentForm(request.POST or None, agent=Agent(home=request.home))
    if request.method == "POST" and form.is_valid():
        fields = {name: value for name, value in form.cleaned_data.items() if name != "version"}
        try:
            agent = create_agent(by=request.actor, **fields)
        except ActionError as error:
            form.add_error("display_name", str(error))
        else:
            messages.success(request, _("%(agent)s has been added.") % {"agent": agent})
            return redirect("pixie:agent", request.home.pk, agent.pk)
    context = {"form": form, "has_model": model_access(request.home) is not None, "tab": "home"}
    return render(request, "pixie/agent_new.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def agent(request: MemberRequest, agent_id: UUID) -> HttpResponse:
    agent = get_agent(request, agent_id)
    form, status = AgentForm(request.POST or None, agent=agent), 200
    if request.method == "POST" and form.is_valid():
        try:
            changed = change_agent(agent, by=request.actor, **form.cleaned_data)
        except Forbidden as error:
            messages.error(request, str(error))
            return redirect("pixie:agent", request.home.pk, agent_id)
        except StaleVersion as stale:
            agent, status = stale.current, 409
            form = AgentForm({**request.POST.dict(), "version": agent.version}, agent=agent)
            form.is_valid()
            form.add_error(None, _("Somebody else changed this in the meantime. Save again to replace their version."))
        except ActionError as error:
            form.add_error("display_name", str(error))
        else:
            messages.success(request, _("%(agent)s has been saved.") % {"agent": changed})
            return redirect("pixie:agent", request.home.pk, agent_id)
    return render(
        request,
        "pixie/agent.html",
        _context(request, agent, form),
        status=422 if form.errors and status == 200 else status,
    )


@require_POST
@member_required
def set_awake(request: MemberRequest, agent_id: UUID) -> HttpResponse:
    """Wake the agent (`awake=yes`) or put it to sleep."""
    agent, is_awake = get_agent(request, agent_id), request.POST.get("awake") == "yes"
    try:
        change_agent(agent, by=request.actor, is_active=is_awake)
    except ActionError as error:
        messages.error(request, str(error))
    else:
        message = _("%(agent)s is awake.") if is_awake else _("%(agent)s is asleep and will say so when somebody asks.")
        messages.success(request, message % {"agent": agent})
    return redirect("pixie:agent", request.home.pk, agent_id)


@require_POST
@member_required
def remove(request: MemberRequest, agent_id: UUID) -> HttpResponse:
    agent = get_agent(request, agent_id)
    try:
        remove_agent(agent, by=request.actor)
    except ActionError as error:
        messages.error(request, str(error))
        return redirect("pixie:agent", request.home.pk, agent_id)
    messages.success(request, _("%(agent)s has been deleted.") % {"agent": agent})
    return redirect("pixie:agents", request.home.pk)


def get_agent(request: MemberRequest, agent_id: UUID) -> Agent:
    agent: Agent = get_object_or_404(Agent, pk=agent_id, home=request.home)
    return agent


def _context(request: MemberRequest, agent: Agent, form: AgentForm) -> dict[str, Any]:
    return {
        "agent": agent,
        "form": form,
        "has_model": model_access(request.home) is not None,
        "is_removable": request.member.is_owner and is_removable(agent),
        "tab": "home",
    }
