"""The critical-result loop: a suspicion of leukaemia must be known to the clinic, and in time.

The row is the truth; a sweep moves it on. So the loop survives whatever happens to the processes.
"""

from cases.services.critical.acknowledging import critical_acknowledge, critical_telephone
from cases.services.critical.escalation import escalate_due
from cases.services.critical.opening import report_issued

__all__ = ["critical_acknowledge", "critical_telephone", "escalate_due", "report_issued"]
