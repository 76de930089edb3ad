from __future__ import annotations

import os
import subprocess
import sys

import pytest

from inference.engine.quiet import without_startup_lines

SCRIPT = """
import django
django.setup()
import keras
keras.ops.convert_to_numpy(keras.ops.zeros(2))
"""


def test_a_command_that_loads_keras_says_nothing_about_it():
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "telepath.settings"},
    )
    assert done.stderr == ""


def test_warnings_and_errors_are_still_seen(capfd):
    with without_startup_lines():
        os.write(2, b"I0000 00:00 port.cc] oneDNN is on\nE0000 00:00 real trouble\nplain words\n")
    assert capfd.readouterr().err == "E0000 00:00 real trouble\nplain words\n"


def test_what_was_said_before_a_failure_is_seen(capfd):
    with pytest.raises(ImportError), without_startup_lines():
        os.write(2, b"library not found\n")
        raise ImportError
    assert capfd.readouterr().err == "library not found\n"
