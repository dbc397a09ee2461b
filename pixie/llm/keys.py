"""Keys of providers, as they lie in the database: encrypted with one that follows from SECRET_KEY.

Whoever reads the database alone reads none of them; with another SECRET_KEY they have to be entered anew.
"""

import base64
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


def seal(key: str) -> str:
    return _lock(settings.SECRET_KEY).encrypt(key.encode()).decode()


def unseal(sealed: str) -> str:
    """Empty when it was sealed under another SECRET_KEY."""
    try:
        return _lock(settings.SECRET_KEY).decrypt(sealed.encode()).decode()
    except InvalidToken:
        return ""


@lru_cache(maxsize=4)
def _lock(secret: str) -> Fernet:
    derived = HKDF(SHA256(), 32, salt=None, info=b"pantry pixie: keys of providers").derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
