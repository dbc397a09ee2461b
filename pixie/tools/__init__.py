from pixie.tools import groceries, memory, schedules, talk, undo  # each module registers its tools
from pixie.tools.registry import TOOLS, Line, Result, Tool
