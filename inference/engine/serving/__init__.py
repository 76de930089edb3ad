"""Fast forward passes: the Keras model is the reference, its export is what answers."""

import sys

# OpenVINO's converter reports each use to its maker over the network, unless this is not there.
# A clinic's machine tells nobody what it does.
sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
