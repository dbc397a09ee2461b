"""The keys of a server: made at its first start, kept beside the data, never default ones."""

import base64
import os
from collections.abc import Callable
from pathlib import Path
from tempfile import mkstemp

from django.core.management.utils import get_random_secret_key


def secret_key(folder: Path) -> str:
    """What signs sessions."""
    return kept(folder / "secret_key", get_random_secret_key)


def vapid_key(folder: Path) -> str:
    """What signs push notices: browsers that agreed to hear from this server know it by this key."""
    return kept(folder / "vapid_key", new_vapid_key)


def new_vapid_key() -> str:
    """The private half, on the curve P-256, as 32 bytes in base64url."""
    from cryptography.hazmat.primitives.asymmetric import ec

    number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    return base64.urlsafe_b64encode(number.to_bytes(32, "big")).rstrip(b"=").decode()


def kept(path: Path, make: Callable[[], str]) -> str:
    """The key in the file, made there if there is none. Safe when two processes start at once."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        # A name of its own: the processes of two containers that share the folder may have the same number.
        handle, name = mkstemp(prefix=f"{path.name}.", dir=path.parent)
        draft = Path(name)
        with os.fdopen(handle, "w") as file:
            file.write(make())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()
