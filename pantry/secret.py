"""The secret key: made at the first start, kept beside the data, never a default one."""

import os
from pathlib import Path
from tempfile import mkstemp

from django.core.management.utils import get_random_secret_key


def secret_key(folder: Path) -> str:
    """The key kept in `folder`, made there if there is none. Safe when two processes start at once."""
    path = folder / "secret_key"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        # A name of its own: the processes of two containers that share the folder may have the same number.
        handle, name = mkstemp(prefix="secret_key.", dir=folder)
        draft = Path(name)
        with os.fdopen(handle, "w") as file:
            file.write(get_random_secret_key())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()
