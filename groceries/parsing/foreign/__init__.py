"""Read lists from files of other products: tables (CSV), their exports (JSON), and plain text."""

from collections.abc import Collection

from django.utils.translation import gettext as _

from groceries.parsing.foreign.encoding import decode
from groceries.parsing.foreign.exports import is_export, read_export
from groceries.parsing.foreign.rows import MAX_FILE_LINES, FileLine, FileList, ForeignFile
from groceries.parsing.foreign.tables import read_table
from groceries.parsing.foreign.texts import read_text
from pantry.errors import ActionError

__all__ = ["MAX_FILE_BYTES", "MAX_FILE_LINES", "FileLine", "FileList", "ForeignFile", "read_file"]

MAX_FILE_BYTES = 2_000_000


def read_file(content: bytes, names: Collection[str] = ()) -> ForeignFile:
    """Read a file by what it contains, whatever its name. Takes linear time.

    `names` are the normalized names of the home's items. Raises ActionError for what is no text, cut off, too large or of
    an unknown kind. A line that makes no sense is returned with its problem.
    """
    if len(content) > MAX_FILE_BYTES:
        raise ActionError(
            _("The file is too large: at most %(max)s bytes are allowed.") % {"max": f"{MAX_FILE_BYTES:,}"}
        )
    text = decode(content)
    file = read_export(text, names) if is_export(text) else read_table(text, names) or read_text(text, names)
    if not any(each.lines for each in file.lists):
        raise ActionError(_("There is nothing to buy in this file."))
    return file
