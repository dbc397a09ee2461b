from planner.api.tasks import TaskViewSet

home = [*TaskViewSet.routes("tasks")]
