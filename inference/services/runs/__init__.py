"""The life of an analysis run: asked for, claimed, kept alive, ended exactly once.

The row is the queue. A message says only that something waits in it, so a message lost or doubled
changes nothing; and every write names the attempt that it belongs to.
"""

from inference.services.runs.claims import claim_runs
from inference.services.runs.endings import (
    cancel_run,
    cancel_shadows,
    fail_run,
    finish_run,
    give_back,
)
from inference.services.runs.progress import LeaseLost, ProgressWriter
from inference.services.runs.requests import request_run
from inference.services.runs.sweep import sweep_runs

__all__ = [
    "LeaseLost",
    "ProgressWriter",
    "cancel_run",
    "cancel_shadows",
    "claim_runs",
    "fail_run",
    "finish_run",
    "give_back",
    "request_run",
    "sweep_runs",
]
