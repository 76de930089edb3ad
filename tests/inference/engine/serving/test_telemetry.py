from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import inference.engine.serving.cpu
from openvino.tools.ovc import telemetry_utils
print(telemetry_utils.tm.__name__)
"""


def test_converting_a_model_reports_to_nobody():
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "openvino.tools.ovc.telemetry_stub"
