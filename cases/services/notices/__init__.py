"""The one way to mail a person about a case. A mail holds an accession number and a link, no more.

Telling writes a row for each person and event in the transaction of what happened; a worker mails
the row after commit. So nothing is mailed of what was rolled back, nothing twice, nothing never.
"""

from cases.services.notices.choosing import choose
from cases.services.notices.seen import reports_seen
from cases.services.notices.sending import notice_send, sweep
from cases.services.notices.telling import tell, tell_sender

__all__ = ["choose", "notice_send", "reports_seen", "sweep", "tell", "tell_sender"]
