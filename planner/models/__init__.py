from planner.models.task import Priority, RepeatsFrom, Task, TaskAssignment, TaskState
