"""Actions on tasks."""

import planner.schemas  # registers the events' schemas
from planner.actions.lines import parse_task, write_task
from planner.actions.tasks import change_task, create_task, remove_task, unassign_member
