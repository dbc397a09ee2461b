from django.urls import path

from pixie import cost_views, memory_views, model_views, run_views, views

app_name = "pixie"

urlpatterns = [
    path("", views.today, name="today"),
    path("tell", views.tell, name="tell"),
    path("answer/<uuid:message_id>", views.decide, name="decide"),
    path("home/model/", model_views.model, name="model"),
    path("home/model/try/", model_views.try_model, name="try_model"),
    path("home/costs/", cost_views.costs, name="costs"),
    path("stop/<uuid:message_id>", views.stop, name="stop"),
    path("runs/<uuid:run_id>/", run_views.run, name="run"),
    path("undo/<uuid:message_id>", views.undo, name="undo"),
    path("memory/", memory_views.knowledge, name="memory"),
    path("memory/<uuid:agent_id>/<slug:label>/", memory_views.block, name="block"),
    path("memory/<uuid:passage_id>/forget", memory_views.forget, name="forget"),
]
