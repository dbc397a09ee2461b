from planner.models.task import Priority, Task, TaskAssignment, TaskState
