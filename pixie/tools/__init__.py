from pixie.tools import chat, groceries, lists, memory, questions, schedules, undo  # each module registers its tools
from pixie.tools.registry import TOOLS, Effects, Line, Result, Tool
