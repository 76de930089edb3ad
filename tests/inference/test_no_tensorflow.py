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


WEB = """
import sys
import telepath.asgi
from django.urls import get_resolver
get_resolver().url_patterns
heavy = {"cv2", "scipy", "reportlab", "tensorflow", "keras", "openvino"}
print(sorted(heavy & {name.split(".")[0] for name in sys.modules}))
"""
"""What a web process has when it takes its first request."""


def _loads(script):
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_web_process_starts_without_opencv_scipy_and_the_makers_of_paper():
    assert _loads(WEB) == "[]"


def test_neither_the_web_nor_a_worker_before_its_first_run_knows_of_tensorflow():
    assert _loads(SCRIPT) == "[]"
