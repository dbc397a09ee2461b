from pixie.tools import (  # each module registers its tools
    chat,
    expenses,
    forecasts,
    groceries,
    items,
    lists,
    memory,
    money,
    pantry,
    questions,
    recurring,
    schedules,
    tasks,
    undo,
)
from pixie.tools.registry import TOOLS, Effects, Line, Result, Tool
