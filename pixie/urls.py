from django.urls import path

from pixie import (
    agent_views,
    cost_views,
    memory_views,
    model_views,
    run_views,
    scheduled_views,
    suggestion_views,
    views,
)

app_name = "pixie"

urlpatterns = [
    path("", views.today, name="today"),
    path("tell", views.tell, name="tell"),
    path("answer/<uuid:message_id>", views.decide, name="decide"),
    path("home/model/", model_views.model, name="model"),
    path("home/model/try/", model_views.try_model, name="try_model"),
    path("home/agents/", agent_views.agents, name="agents"),
    path("home/agents/new/", agent_views.new_agent, name="new_agent"),
    path("home/agents/<uuid:agent_id>/", agent_views.agent, name="agent"),
    path("home/agents/<uuid:agent_id>/rest", agent_views.rest, name="rest_agent"),
    path("home/agents/<uuid:agent_id>/remove", agent_views.remove, name="remove_agent"),
    path("home/costs/", cost_views.costs, name="costs"),
    path("stop/<uuid:message_id>", views.stop, name="stop"),
    path("runs/<uuid:run_id>/", run_views.run, name="run"),
    path("undo/<uuid:message_id>", views.undo, name="undo"),
    path("scheduled/", scheduled_views.scheduled, name="scheduled"),
    path("scheduled/summary", scheduled_views.summary, name="summary"),
    path("scheduled/<uuid:scheduled_id>/cancel", scheduled_views.cancel, name="cancel_scheduled"),
    path("scheduled/<uuid:scheduled_id>/resume", scheduled_views.resume, name="resume_scheduled"),
    path("suggestions/<uuid:suggestion_id>/take", suggestion_views.take, name="take_suggestion"),
    path("suggestions/<uuid:suggestion_id>/dismiss", suggestion_views.dismiss, name="dismiss_suggestion"),
    path("suggestions/<uuid:suggestion_id>/reopen", suggestion_views.reopen, name="reopen_suggestion"),
    path("memory/", memory_views.knowledge, name="memory"),
    path("memory/<uuid:agent_id>/<slug:label>/", memory_views.block, name="block"),
    path("memory/<uuid:agent_id>/<slug:label>/put-back", memory_views.put_back, name="put_back_block"),
    path("memory/<uuid:agent_id>/<slug:label>/share", memory_views.share, name="share_block"),
    path("memory/<uuid:passage_id>/edit", memory_views.correct, name="correct"),
    path("memory/<uuid:passage_id>/forget", memory_views.forget, name="forget"),
]
