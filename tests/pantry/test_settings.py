import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from pantry.db import database

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = """
import json
from django.conf import settings
options = {name: getattr(settings, name) for name in dir(settings) if name.isupper()}
print(json.dumps(options, default=lambda value: None, skipkeys=True))
"""


@pytest.fixture
def load_settings(tmp_path):
    """`load_settings(DEBUG="on")`: the settings of a new process with this environment."""

    def start(**environment):
        needed = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "pantry.settings", "DATA_DIR": str(tmp_path)}
        command = [sys.executable, "-c", SCRIPT]
        run = subprocess.run(command, env=needed | environment, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603
        return json.loads(run.stdout)

    return start


def test_defaults_are_safe_and_need_no_services(load_settings, tmp_path):
    options = load_settings(DEBUG="off")
    assert (options["DEBUG"], "*" in options["ALLOWED_HOSTS"]) == (False, False)
    assert options["DATABASES"]["default"]["NAME"] == str(tmp_path / "pantry.sqlite3")
    assert options["REDIS_URL"] == ""
    assert options["CELERY_BROKER_URL"].startswith("memory:")
    assert options["SECRET_KEY"] == (tmp_path / "secret_key").read_text()


def test_cookies_are_tied_to_the_host_over_https(load_settings):
    cookies = ["SESSION_COOKIE", "CSRF_COOKIE", "MESSAGES_COOKIE"]
    for https, prefix in (("on", "__Host-"), ("off", "")):
        options = load_settings(HTTPS=https)
        names = [options[f"{cookie}_NAME"] for cookie in cookies]
        assert names == [f"{prefix}{name}" for name in ("sessionid", "csrftoken", "messages")]
        for cookie in ("SESSION_COOKIE", "CSRF_COOKIE"):  # as browsers require of such names
            assert options[f"{cookie}_SECURE"] is (https == "on")
            assert (options[f"{cookie}_DOMAIN"], options[f"{cookie}_PATH"]) == (None, "/")


def test_secret_key_from_the_environment_is_used(load_settings, tmp_path):
    assert load_settings(SECRET_KEY="given")["SECRET_KEY"] == "given"
    assert not (tmp_path / "secret_key").exists()


def test_services_from_the_environment_are_used(load_settings):
    options = load_settings(
        DATABASE_URL="postgres://pixie:secret@db.example:5433/pantry", REDIS_URL="redis://cache.example:6379/1"
    )
    base = options["DATABASES"]["default"]
    assert (base["ENGINE"], base["HOST"], base["PORT"]) == ("django.db.backends.postgresql", "db.example", 5433)
    assert options["CELERY_BROKER_URL"] == options["CACHES"]["default"]["LOCATION"] == "redis://cache.example:6379/1"
    assert options["REDIS_URL"] == "redis://cache.example:6379/1"


def test_https_makes_cookies_secure(load_settings):
    plain, secured = load_settings(), load_settings(HTTPS="on")
    for name in ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE"):
        assert (plain[name], secured[name]) == (False, True)
    assert secured["SECURE_HSTS_SECONDS"] > 0


def test_only_https_trusts_a_proxy_on_this_machine_by_default(load_settings):
    assert load_settings()["TRUSTED_PROXIES"] == []
    assert load_settings(HTTPS="on")["TRUSTED_PROXIES"] == ["127.0.0.1/32", "::1/128"]
    assert load_settings(TRUSTED_PROXIES="10.0.0.2,fd00::/8")["TRUSTED_PROXIES"] == ["10.0.0.2/32", "fd00::/8"]


@pytest.mark.parametrize("proxies", ["*", "nginx", "10.0.0.1/8", "10.0.0.2;10.0.0.3"])
def test_proxies_are_addresses_or_networks(load_settings, proxies):
    with pytest.raises(subprocess.CalledProcessError) as failure:
        load_settings(TRUSTED_PROXIES=proxies)
    assert proxies in failure.value.stderr.splitlines()[-1]


def test_every_environment_variable_is_documented():
    source = (ROOT / "pantry/settings.py").read_text()
    read = set(re.findall(r'\benv(?:\.\w+)?\(\s*"([A-Z_]+)"', source))
    explained = set(re.findall(r"^#([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert len(read) > 10
    assert read <= explained


def test_pages_have_a_content_security_policy(client, db):
    policy = client.get("/accounts/login/").headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


# The connection


def test_sqlite_uses_immediate_transactions_and_full_sync(tmp_path):
    options = database("", tmp_path / "new")
    assert options["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert "synchronous = FULL" in options["OPTIONS"]["init_command"]
    assert (tmp_path / "new").is_dir()


def test_postgresql_keeps_one_checked_connection_a_thread(tmp_path):
    settings = database("postgres://db.example/pantry", tmp_path)
    assert (settings["CONN_MAX_AGE"], settings["CONN_HEALTH_CHECKS"]) == (None, True)
    assert "pool" not in settings["OPTIONS"]


@pytest.mark.both_databases
def test_tests_run_on_the_requested_database(db, request):
    assert connection.vendor == request.config.option.database
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA journal_mode")
            assert cursor.fetchone() == ("wal",)
    assert bool(settings.REDIS_URL) == (connection.vendor == "postgresql")


def test_variables_of_the_providers_packages_do_not_reach_them(tmp_path):
    names = ["ANTHROPIC_CUSTOM_HEADERS", "OPENAI_CUSTOM_HEADERS", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"]
    environment = {**os.environ, **dict.fromkeys(names, "X-Secret: of the server"), "DATA_DIR": str(tmp_path)}
    code = (
        "import pantry.settings, anthropic, openai; "
        "clients = [sdk(api_key='k') for sdk in (anthropic.Client, openai.Client)];"
        "print('of the server' in str([client.default_headers for client in clients]))"
    )
    command = [sys.executable, "-c", code]
    completed = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)  # noqa: S603
    assert completed.stdout == "False\n"
