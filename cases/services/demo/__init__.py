"""A platform to look at: people with known passwords and synthetic cases in every state.

Everything goes through the services that people use, so the audit trail tells how it came to be.
Never in production.
"""

from cases.services.demo.builder import REFUSED, build
from cases.services.demo.people import LOGINS, PASSWORD, Login

__all__ = ["LOGINS", "PASSWORD", "REFUSED", "Login", "build"]
