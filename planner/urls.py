from django.urls import path

from planner.views import tasks

app_name = "planner"
task = "tasks/<uuid:task_id>"

urlpatterns = [
    path("tasks/", tasks.tasks, name="tasks"),
    path("tasks/understood", tasks.preview, name="understood"),
    path(f"{task}/", tasks.task, name="task"),
    path(f"{task}/complete", tasks.set_state, {"state": "completed"}, name="task_complete"),
    path(f"{task}/reopen", tasks.set_state, {"state": "pending"}, name="task_reopen"),
    path(f"{task}/remove", tasks.remove, name="task_remove"),
    path("plan/operations/<uuid:op_id>/undo", tasks.undo, name="undo"),
]
