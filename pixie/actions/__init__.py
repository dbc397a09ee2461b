"""Actions on agents, memory, schedules, suggestions and language models."""

import pixie.schemas  # noqa: F401 (registers the events' schemas)
from pixie.actions.agents import change_agent, create_agent, create_pixie, remove_agent
from pixie.actions.blocks import create_default_blocks, share_block, unshare_block, write_block
from pixie.actions.language_model import choose_model
from pixie.actions.lessons import forget_lesson, forget_lessons_of, learn_lesson
from pixie.actions.passages import change_passage, correct_passage, forget_passage, remember_passage
from pixie.actions.schedules import (
    cancel_scheduled,
    cancel_schedules_of,
    fire_scheduled,
    resume_scheduled,
    schedule_message,
)
from pixie.actions.suggestions import (
    choose_summary,
    dismiss_suggestion,
    make_suggestions,
    post_summary,
    reopen_suggestion,
    take_suggestion,
)
