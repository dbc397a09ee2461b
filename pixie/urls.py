from django.urls import path

from pixie.views import agents, cost, home, memory, scheduled

app_name = "pixie"

urlpatterns = [
    path("", home.today, name="today"),
    path("tell", home.tell, name="tell"),
    path("answer/<uuid:message_id>", home.decide, name="decide"),
    path("home/model/", agents.model, name="model"),
    path("home/model/try/", agents.try_model, name="try_model"),
    path("home/agents/", agents.agents, name="agents"),
    path("home/agents/new/", agents.new_agent, name="new_agent"),
    path("home/agents/<uuid:agent_id>/", agents.agent, name="agent"),
    path("home/agents/<uuid:agent_id>/awake", agents.set_awake, name="set_agent_awake"),
    path("home/agents/<uuid:agent_id>/remove", agents.remove, name="remove_agent"),
    path("home/costs/", cost.costs, name="costs"),
    path("stop/<uuid:message_id>", home.stop, name="stop"),
    path("runs/<uuid:run_id>/", home.run, name="run"),
    path("undo/<uuid:message_id>", home.undo, name="undo"),
    path("scheduled/", scheduled.scheduled, name="scheduled"),
    path("scheduled/summary", scheduled.summary, name="summary"),
    path("scheduled/<uuid:scheduled_id>/cancel", scheduled.cancel, name="cancel_scheduled"),
    path("scheduled/<uuid:scheduled_id>/resume", scheduled.resume, name="resume_scheduled"),
    path("suggestions/<uuid:suggestion_id>/take", home.take, name="take_suggestion"),
    path("suggestions/<uuid:suggestion_id>/dismiss", home.dismiss, name="dismiss_suggestion"),
    path("suggestions/<uuid:suggestion_id>/reopen", home.reopen, name="reopen_suggestion"),
    path("memory/", memory.memory, name="memory"),
    path("memory/<uuid:agent_id>/<slug:label>/", memory.block, name="block"),
    path("memory/<uuid:agent_id>/<slug:label>/put-back", memory.put_back, name="put_back_block"),
    path("memory/<uuid:agent_id>/<slug:label>/share", memory.share, name="share_block"),
    path("memory/<uuid:passage_id>/edit", memory.correct, name="correct"),
    path("memory/<uuid:passage_id>/forget", memory.forget, name="forget"),
    path("memory/lessons/<uuid:lesson_id>/delete", memory.delete_lesson, name="delete_lesson"),
]
