"""What an agent would do, if somebody wants it."""

from pantry_pixie import models
from pantry_pixie.models import Page
from pantry_pixie.operations import UNSET, Id, Noun, Unset, Way, operation

SUGGESTIONS = "/api/homes/{home}/suggestions"


class Suggestions(Noun[Way]):
    @operation("GET", SUGGESTIONS, Page[models.Suggestion])
    def list(self, home: Id, *, limit: int | Unset = UNSET, cursor: str | Unset = UNSET) -> None:
        """What is suggested now, the oldest first."""

    @operation("POST", f"{SUGGESTIONS}/{{suggestion}}/take", models.Suggestion)
    def take(self, home: Id, suggestion: Id) -> None:
        """Take it: a thing goes onto the current list."""

    @operation("POST", f"{SUGGESTIONS}/{{suggestion}}/dismiss", models.Suggestion)
    def dismiss(self, home: Id, suggestion: Id) -> None:
        """Not now."""

    @operation("POST", f"{SUGGESTIONS}/{{suggestion}}/reopen", models.Suggestion)
    def reopen(self, home: Id, suggestion: Id) -> None:
        """Let what was dismissed stand again."""
