from django.urls import path

from planner.views import calendar, feed, tasks

app_name = "planner"
task = "tasks/<uuid:task_id>"
event = "calendar/<uuid:event_id>"

urlpatterns = [
    path("tasks/", tasks.tasks, name="tasks"),
    path("tasks/understood", tasks.preview, name="understood"),
    path(f"{task}/", tasks.task, name="task"),
    path(f"{task}/complete", tasks.set_state, {"state": "completed"}, name="task_complete"),
    path(f"{task}/reopen", tasks.set_state, {"state": "pending"}, name="task_reopen"),
    path(f"{task}/remove", tasks.remove, name="task_remove"),
    path("calendar/", calendar.calendar, name="calendar"),
    path("calendar/month/", calendar.month, name="month"),
    path("calendar/subscribe/", feed.subscribe, name="subscribe"),
    path("calendar/new/", calendar.new_event, name="event_new"),
    path(f"{event}/", calendar.event, name="event"),
    path(f"{event}/remove", calendar.remove, name="event_remove"),
    path("calendar/operations/<uuid:op_id>/undo", calendar.undo, name="calendar_undo"),
    path("plan/operations/<uuid:op_id>/undo", tasks.undo, name="undo"),
]
