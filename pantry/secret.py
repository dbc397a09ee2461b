"""Secret keys of the server, generated at the first start and stored in the data folder."""

import base64
import os
from collections.abc import Callable
from pathlib import Path
from tempfile import mkstemp

from django.core.management.utils import get_random_secret_key


def secret_key(folder: Path) -> str:
    return read_or_create(folder / "secret_key", get_random_secret_key)


def vapid_key(folder: Path) -> str:
    """Return the private VAPID key, which signs push messages. Subscriptions are bound to it."""
    return read_or_create(folder / "vapid_key", new_vapid_key)


def new_vapid_key() -> str:
    """Generate a private key on P-256, as 32 bytes in base64url."""
    from cryptography.hazmat.primitives.asymmetric import ec

    number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    return base64.urlsafe_b64encode(number.to_bytes(32, "big")).rstrip(b"=").decode()


def read_or_create(path: Path, generate: Callable[[], str]) -> str:
    """Return the key in the file, which is generated if missing. Safe when two processes start at once."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        # Not named by the process id: two containers that share the folder may have the same one.
        handle, name = mkstemp(prefix=f"{path.name}.", dir=path.parent)
        temporary = Path(name)
        with os.fdopen(handle, "w") as file:
            file.write(generate())
        try:
            os.link(temporary, path)
        except FileExistsError:
            pass
        finally:
            temporary.unlink()
    return path.read_text().strip()
