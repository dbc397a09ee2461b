"""Actions on tasks and events."""

import planner.schemas  # registers the events' schemas
from planner.actions.events import Scope, create_event, uninvite_member
from planner.actions.lines import write_task
from planner.actions.series import change_event, remove_event
from planner.actions.tasks import change_task, create_task, remove_task, unassign_member
