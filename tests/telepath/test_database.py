"""What the server is told at the start of each connection."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from telepath.launcher.processes import Launch, manage, process_table
from tests.servers import STARTED

ASK = """
import django; django.setup()
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("SELECT current_setting('statement_timeout'), current_setting("
        "'idle_in_transaction_session_timeout'), current_setting('application_name')")
    print(*cursor.fetchone(), sep=",")
"""


def answer(env: dict[str, str]) -> str:
    asked = {**os.environ, "DJANGO_SETTINGS_MODULE": "telepath.settings", **env}
    done = subprocess.run([sys.executable, "-c", ASK], env=asked, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip().splitlines()[-1]


@pytest.mark.parametrize(
    ("name", "limits"),
    [("web", "10s,1min"), ("worker-cpu", "5min,1min"), ("migrate", "0,0")],
)
def test_the_server_ends_what_nobody_waits_for_any_more(name, limits, tmp_path):
    """A process that hangs in a transaction would hold its case; a command may take long."""
    launch = Launch(var=tmp_path)
    table = {spec.name: spec for spec in (*process_table(launch), manage(launch, "migrate"))}
    assert answer(dict(table[name].env)).startswith(limits)


def test_what_the_address_says_of_the_line_stands_beside_the_limits(tmp_path):
    """Such as `sslmode`, without which a production would talk in the clear."""
    url = (
        STARTED["DATABASE_URL"].url + "?application_name=a-clinic&options=-c%20search_path%3Dpublic"
    )
    env = {"DATABASE_URL": url, "DATABASE_STATEMENT_SECONDS": "7"}
    assert answer(env) == "7s,0,a-clinic"
