"""The only way up: sent inside the transaction that ends a run.

Receivers get `run: AnalysisRun`, already in its last state. A receiver that raises rolls back the
end of the run as well, so the two never disagree.
"""

from django.dispatch import Signal

run_finished = Signal()
