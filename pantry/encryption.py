"""Encrypt secrets in the database with keys that are derived from SECRET_KEY, one for each purpose.

If SECRET_KEY changes, they cannot be decrypted any more.
"""

import base64
from functools import lru_cache

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


def encrypt(text: str, purpose: str) -> str:
    return _fernet(settings.SECRET_KEY, purpose).encrypt(text.encode()).decode()


def decrypt(sealed: str, purpose: str) -> str:
    """Raises `cryptography.fernet.InvalidToken` for text of another purpose or SECRET_KEY."""
    return _fernet(settings.SECRET_KEY, purpose).decrypt(sealed.encode()).decode()


@lru_cache(maxsize=16)
def _fernet(secret: str, purpose: str) -> Fernet:
    derived = HKDF(SHA256(), 32, salt=None, info=f"pantry pixie: {purpose}".encode()).derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
