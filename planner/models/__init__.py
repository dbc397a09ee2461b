from planner.models.event import CalendarEvent, EventGuest, Occurrence
from planner.models.feed import CalendarFeed
from planner.models.task import Priority, RepeatsFrom, Task, TaskAssignment, TaskState
