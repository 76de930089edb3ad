"""Web processes never import TensorFlow: it costs them memory, seconds, and safety of forks."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import sys
import telepath.asgi
import telepath.urls
from celery import current_app
current_app.loader.import_default_modules()
import inference.tasks, inference.services.analysers, inference.services.registry
import inference.services.verification, inference.services.comparison, inference.views
heavy = {"tensorflow", "keras", "sklearn", "openvino"}
print(sorted(heavy & {name.split(".")[0] for name in sys.modules}))
"""


def test_neither_the_web_nor_a_worker_before_its_first_run_knows_of_tensorflow():
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"
