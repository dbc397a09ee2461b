"""`python manage.py mcp`: an MCP server over stdin and stdout, for an assistant on the same machine."""

import asyncio
import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connections
from rest_framework.exceptions import APIException

from homes.accounts.api.authentication import user_of_token
from pixie.mcp.auth import Caller


class Command(BaseCommand):
    help = "Runs an MCP server over stdin and stdout, as the member whose personal token is in PANTRY_TOKEN."

    def handle(self, *args: Any, **options: Any) -> None:
        from mcp.server.stdio import stdio_server

        from pixie.mcp.server import create_server

        def identify(context: Any) -> Caller:
            user, token = user_of_token(os.environ.get("PANTRY_TOKEN", ""))
            return Caller.of(user, token, os.environ.get("PANTRY_HOME"))

        async def serve() -> None:
            server = create_server(identify)
            async with stdio_server() as (read, write):
                await server.run(read, write, server.create_initialization_options())

        try:
            identify(None)
        except APIException as error:
            raise CommandError(f"{error.detail} Set PANTRY_TOKEN to a personal token of yours.") from error
        connections.close_all()
        asyncio.run(serve())
