"""Register the planner with the household, undo and live connections."""

from homes import hooks
from homes.events import undo
from planner.actions import unassign_member
from planner.actions.undo import UNDO
from planner.activity import TASKS
from planner.export import PLANNER

HOUSEHOLD = hooks.AppHooks(on_member_left=unassign_member, activities={"tasks": TASKS}, exports={"planner": PLANNER})


def register() -> None:
    hooks.register(HOUSEHOLD)
    undo.register(UNDO, scope="write")
