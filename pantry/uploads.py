"""Files in forms: kept in memory, and only for the views that take one."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.core.exceptions import TooManyFilesSent
from django.core.files.uploadhandler import MemoryFileUploadHandler

View = TypeVar("View", bound=Callable[..., Any])


def takes_file(view: View) -> View:
    """Let the view's form have a file: the outermost decorator. `settings.MAX_BODY_BYTES` limits the body."""
    view.takes_file = True  # type: ignore[attr-defined]
    return view


class FormFileHandler(MemoryFileUploadHandler):
    """Keeps a form's file in memory, whose size the limit of the body bounds. Refuses files for other views."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        match = self.request.resolver_match if self.request else None
        if match is None or not getattr(match.func, "takes_file", False):
            raise TooManyFilesSent("This form takes no file.")
        self.activated = True
        super().new_file(*args, **kwargs)
