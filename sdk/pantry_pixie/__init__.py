"""Pantry Pixie from Python. The resources and errors are in the modules beside this one."""

from pantry_pixie.client import AsyncClient, Client
from pantry_pixie.errors import PixieError
from pantry_pixie.transport import Credentials, CredentialStore, RetryPolicy

__all__ = ["AsyncClient", "Client", "CredentialStore", "Credentials", "PixieError", "RetryPolicy"]
