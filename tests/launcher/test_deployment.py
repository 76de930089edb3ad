"""The container files start the same commands as `make run`, and ask for every secret."""

from __future__ import annotations

import os
import re
import secrets
import shlex
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import ClassVar

import boto3
import pytest
import yaml
from moto.server import ThreadedMotoServer

from telepath.launcher.bucket import ensure_bucket
from telepath.launcher.children import LaunchError
from telepath.launcher.health import is_well
from telepath.launcher.postgres import DISCREET
from telepath.launcher.processes import Launch, process_table

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


@pytest.fixture
def bare_table():
    """Command lines of the process table, by name, without Python, at a container's address."""
    launch = Launch(var=Path("/tmp"), host="0.0.0.0", env={})
    return {spec.name: " ".join(spec.argv[1:]) for spec in process_table(launch)}


def command_of(service: dict) -> str:
    return " ".join(shlex.split(service["command"])[1:])


def test_every_part_is_there(compose):
    assert set(compose["services"]) == {
        *("web", "worker", "inference-worker", "gpu-worker", "beat", "migrate", "bucket"),
        *("postgres", "redis", "s3"),
    }


def test_containers_start_what_make_run_starts(compose, bare_table):
    services = compose["services"]
    assert command_of(services["web"]) == bare_table["web"]
    assert command_of(services["inference-worker"]) == bare_table["worker-inference"]
    assert command_of(services["gpu-worker"]) == bare_table["worker-inference"]
    cpu = re.sub(r"-c \S+", "-c 1", command_of(services["worker"]))
    assert cpu == bare_table["worker-cpu"]
    beat = command_of(services["beat"])
    assert beat.replace("/tmp/schedule", "/tmp/beat/schedule") == bare_table["beat"]


def test_the_containers_database_is_as_discreet_as_our_own(compose):
    words = shlex.split(compose["services"]["postgres"]["command"])
    assert words == ["postgres", *(word for option in DISCREET for word in ("-c", option))]


def test_containers_wait_for_the_database_as_long_as_what_make_run_starts(compose):
    parts = {"web": "web", "worker": "worker-cpu", "inference-worker": "worker-inference"}
    table = {spec.name: spec for spec in process_table(Launch(var=Path("/tmp")))}
    for service, name in parts.items():
        mine = {k: v for k, v in table[name].env.items() if k.startswith("DATABASE_")}
        assert mine.items() <= compose["services"][service]["environment"].items()
    migrate = compose["services"]["migrate"]["environment"]
    assert not {"DATABASE_STATEMENT_SECONDS", "DATABASE_IDLE_SECONDS"} & set(migrate)


def test_the_image_starts_the_web_server_by_itself(bare_table):
    lines = (ROOT / "Dockerfile").read_text().split("\nCMD ")[1].split("\n\n")[0]
    words = re.findall(r'"([^"]+)"', lines)
    assert " ".join(words[1:]) == bare_table["web"]


def test_every_app_is_in_the_image(settings):
    own = {name.partition(".")[0] for name in settings.INSTALLED_APPS}
    text = (ROOT / "Dockerfile").read_text()
    missing = [
        name for name in sorted(own) if (ROOT / name).is_dir() and f"COPY {name} {name}" not in text
    ]
    assert not missing


def test_no_secret_has_a_default(compose):
    text = (ROOT / "docker-compose.yml").read_text()
    for name in re.findall(r"\$\{(\w*(?:SECRET|PASSWORD|ACCESS)\w*)", text):
        assert re.search(rf"\$\{{{name}:\?", text), f"{name} is never demanded"
        assert f"${{{name}:-" not in text


def test_long_running_parts_have_a_health_check(compose):
    """Except the scheduler, which answers nothing; its container ends with it and is restarted."""
    lasting = {name for name, one in compose["services"].items() if one["restart"] != "no"}
    checked = {name for name, one in compose["services"].items() if "healthcheck" in one}
    assert lasting - checked == {"beat"}


def test_the_environment_of_the_containers_satisfies_the_settings_of_production(compose):
    environment = compose["services"]["web"]["environment"]
    filled = {name: re.sub(r"\$\{[^}]+\}", "x1", str(value)) for name, value in environment.items()}
    filled |= {"SECRET_KEY": secrets.token_urlsafe(50)}
    filled |= {"ALLOWED_HOSTS": "x.example.org", "FORWARDED_ALLOW_IPS": "172.18.0.1"}
    filled |= {"SITE_URL": "https://x.example.org", "EMAIL_URL": "dummymail://", "TIME_ZONE": "UTC"}
    done = subprocess.run(
        [sys.executable, "-c", "import telepath.settings"],
        env={"PATH": os.environ["PATH"], **filled},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.docker
def test_docker_compose_accepts_the_file():
    text = (ROOT / "docker-compose.yml").read_text()
    demanded = dict.fromkeys(re.findall(r"\$\{(\w+):\?", text), "x")
    subprocess.run(
        ["docker", "compose", "--profile", "gpu", "config", "--quiet"],
        cwd=ROOT,
        env={**os.environ, **demanded},
        check=True,
    )


def test_the_bucket_is_made_once():
    server = ThreadedMotoServer(port=0)
    server.start()
    try:
        host, port = server.get_host_and_port()
        env = {
            "S3_ENDPOINT_URL": f"http://{host}:{port}",
            "S3_BUCKET": "smears",
            "S3_ACCESS_KEY": "key",
            "S3_SECRET_KEY": "secret",
        }
        assert ensure_bucket(env)
        assert not ensure_bucket(env)
        client = boto3.client(
            "s3",
            endpoint_url=env["S3_ENDPOINT_URL"],
            aws_access_key_id="key",
            aws_secret_access_key="secret",
            region_name="us-east-1",
        )
        assert "smears" in [one["Name"] for one in client.list_buckets()["Buckets"]]
    finally:
        server.stop()


def test_a_storage_server_that_never_answers_is_reported(monkeypatch):
    env = {
        "S3_ENDPOINT_URL": "http://127.0.0.1:1",
        "S3_BUCKET": "smears",
        "S3_ACCESS_KEY": "key",
        "S3_SECRET_KEY": "secret",
    }
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with pytest.raises(LaunchError, match="No bucket could be made"):
        ensure_bucket(env, seconds=0)


class Site(BaseHTTPRequestHandler):
    """Answers like production: over HTTPS, by its own name."""

    seen: ClassVar[list[tuple[str, str]]] = []

    def do_GET(self):
        asked = (self.headers["Host"], self.headers["X-Forwarded-Proto"])
        self.seen.append(asked)
        self.send_response(200 if asked == ("telepath.example.org", "https") else 400)
        self.end_headers()

    def log_message(self, *_arguments):
        pass


def test_the_health_check_asks_as_the_proxy_would():
    server = HTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        assert is_well(server.server_port, "https://telepath.example.org")
        assert not is_well(server.server_port, "https://other.example.org")
    finally:
        server.shutdown()
    assert not is_well(1, "https://telepath.example.org")
