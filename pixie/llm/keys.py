"""Encryption of provider keys in the database.

The encryption key is derived from SECRET_KEY: if that changes, provider keys have to be entered again.
"""

import base64
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


def seal(key: str) -> str:
    """Encrypt a provider's key."""
    return _fernet(settings.SECRET_KEY).encrypt(key.encode()).decode()


def unseal(sealed: str) -> str:
    """Decrypt a provider's key. Returns "" if it was encrypted under another SECRET_KEY."""
    try:
        return _fernet(settings.SECRET_KEY).decrypt(sealed.encode()).decode()
    except InvalidToken:
        return ""


@lru_cache(maxsize=4)
def _fernet(secret: str) -> Fernet:
    derived = HKDF(SHA256(), 32, salt=None, info=b"pantry pixie: keys of providers").derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
