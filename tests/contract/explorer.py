"""Run Schemathesis on a running server, as Nok, the owner of Apartment 42."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import psycopg
from psycopg import sql

from tests.pictures import picture
from tests.server import MAI, NOK, PASSWORD, ROOT, Server

HERE = Path(__file__).resolve().parent
TOOL = Path(sys.executable).with_name("schemathesis")
# Rate limits are tested in tests/api/test_throttles.py.
NO_RATE_LIMITS = {"RATE_SIGNUP": "", "RATE_LOGIN_FAILED": ""}


@contextmanager
def separate_database(database_url: str, redis_url: str) -> Iterator[dict[str, str]]:
    """Yield settings of a server with a separate database at this PostgreSQL and Redis. Without URLs, of SQLite."""
    if not database_url:
        yield {}
        return
    name, number = f"contract_{os.getpid()}", int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]) + 1
    own_redis_url = urlsplit(redis_url)._replace(path=f"/{number}").geturl()  # keeps its tasks separate
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield {
                "DATABASE_URL": urlsplit(database_url)._replace(path=f"/{name}").geturl(),
                "REDIS_URL": own_redis_url,
            }
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


class Apartment:
    """Nok's home, with rows that can be changed and deleted because nothing depends on them."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client
        client.headers["Authorization"] = bearer(client, NOK)
        self.nok = client.get("auth/me").raise_for_status().json()["user"]["id"]
        homes = client.get("homes").raise_for_status().json()["results"]
        self.home = next(home["id"] for home in homes if home["name"] == "Apartment 42")

    def rows(self, path: str) -> list[dict[str, Any]]:
        response = self.client.get(f"homes/{self.home}/{path}", params={"limit": 200}).raise_for_status()
        rows: list[dict[str, Any]] = response.json()["results"]
        return rows

    def create(self, path: str, body: dict[str, str], **fields: str) -> list[str]:
        """Create ten rows, numbered in `body` and alike in `fields`. Returns their ids."""
        numbers = range(10)
        bodies = [{**{name: f"{text} {number}" for name, text in body.items()}, **fields} for number in numbers]
        answers = [self.client.post(f"homes/{self.home}/{path}", json=body).raise_for_status() for body in bodies]
        return [response.json()["id"] for response in answers]

    def attach(self, expenses: list[str]) -> list[str]:
        """Attach a receipt to each of the expenses. Returns the ids of the files."""
        url, file = f"homes/{self.home}/files", {"file": ("receipt.jpg", picture())}
        forms = ({"kind": "expense", "target_id": expense} for expense in expenses)
        answers = [self.client.post(url, data=form, files=file).raise_for_status() for form in forms]
        return [response.json()["id"] for response in answers]

    def known_ids(self) -> dict[str, list[Any]]:
        """Return existing ids by the request parameter that takes them."""
        current = next(each["id"] for each in self.rows("lists") if each["state"] != "completed")
        agent = self.rows("agents")[0]["id"]
        kitchen = next(each["id"] for each in self.rows("channels") if each["name"] == "kitchen")
        thread = self.rows("threads")[0]["id"]
        answers = [each for each in self.rows(f"threads/{thread}/messages") if each["author"] == "pixie"]
        others = [each["user_id"] for each in self.rows("members") if each["user_id"] != self.nok]
        imps = self.create("agents", {"display_name": "Imp"})
        entries = self.create(f"lists/{current}/items", {"name": "Thing to get"})
        expenses = self.create("expenses", {"title": "Pizza"}, amount="450")
        added = [each["seq"] for each in self.rows("audit") if each["type"] == "list_item_added"]
        return {
            "path.home_id": [self.home],
            "path.agent_id": [agent],
            "path.reader_id": imps,
            "path.label": ["household", "preferences", "member"],
            "path.passage_id": self.create(f"agents/{agent}/passages", {"content": "The bins go out on day"}),
            "path.list_id": [current],
            "path.entry_id": entries,
            "path.item_id": self.create("items", {"name": "Thing to know"}),
            "path.category_id": self.create("categories", {"name": "Aisle"}),
            "path.store_id": self.create("stores", {"name": "Store"}),
            "path.batch_id": self.create("pantry/batches", {"name": "Thing at home"}),
            "path.barcode_id": self.create("barcodes", {"code": "CODE", "name": "Thing with a code"}),
            "path.task_id": self.create("tasks", {"title": "Clean the fridge"}),
            "path.event_id": self.create("calendar", {"title": "Dinner"}, starts_on="2026-03-14"),
            "path.expense_id": expenses,
            "path.file_id": self.attach(expenses),
            "body.target_id": expenses,
            "body.kind": ["expense"],
            "path.recurring_id": [each["id"] for each in self.rows("recurring")],
            "path.scheduled_id": self.create("scheduled", {"prompt": "Remind us: day"}, trigger_at=in_a_month()),
            "path.channel_id": [kitchen],
            "path.thread_id": [thread],
            "path.message_id": self.create(f"channels/{kitchen}/messages", {"content": "Hello"}),
            "path.run_id": [each["metadata"]["run"] for each in answers],
            "path.user_id": others,
            "body.agent_id": imps,
            "body.paid_by": others,
            "body.payee": others,
            "body.payer": [self.nok],
            "body.emoji": ["❤️", "🎉"],
            "body.home_id": [self.home],
            "body.seq": added[:10],
            "body.user_id": others,
        }


def in_a_month() -> str:
    return (datetime.now(UTC) + timedelta(days=30)).isoformat()


def bearer(client: httpx.Client, email: str) -> str:
    response = client.post("auth/login", json={"email": email, "password": PASSWORD}).raise_for_status()
    return f"Bearer {response.json()['token']}"


def explore(server: Server, folder: Path, *options: str, invalid_every: int = 1) -> "subprocess.CompletedProcess[str]":
    """Run Schemathesis. The failures are in the output and in `folder / "report.json"`.

    Of the invalid requests at the limits of the constraints, it sends every n-th of an operation.
    """
    with httpx.Client(base_url=f"{server.url}/api", timeout=30) as client:
        apartment = Apartment(client)
        known_ids, tokens = apartment.known_ids(), {"nok": bearer(client, NOK), "mai": bearer(client, MAI)}
    headers = {name: [{"name": "Authorization", "value": value}] for name, value in tokens.items()}
    auth = [{"name": name, "fixedHeaders": fixed} for name, fixed in headers.items()]
    (folder / "people.json").write_text(json.dumps({"auth": auth}))
    config = [(HERE / "schemathesis.toml").read_text()]
    for number, (parameter, values) in enumerate(known_ids.items()):
        config.append(f"[dictionaries.known{number}]\nvalues = {json.dumps(values, ensure_ascii=False)}")
        config.append(f'[parameters."{parameter}"]\ndictionary = "known{number}"\nprobability = 0.9')
    (folder / "schemathesis.toml").write_text("\n".join(config), encoding="utf-8")
    command = [str(TOOL), "--config-file", "schemathesis.toml", "--no-color", "run", f"{server.url}/api/schema"]
    command += ["-H", "Accept: application/json", "--report", "json", "--report-json-path", "report.json", *options]
    environment = {**os.environ, "PANTRY_URL": server.url, "PANTRY_NOK": apartment.nok, "PYTHONPATH": str(ROOT)}
    environment["PANTRY_INVALID_EVERY"] = str(invalid_every)
    return subprocess.run(  # noqa: S603 (our own program and arguments)
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
