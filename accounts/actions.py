"""Words for the actions in the log, to choose a filter from. Others may occur, and filter too."""

from __future__ import annotations

from accounts.policy import POLICY

_OF_PEOPLE = (
    "sign_in",
    "sign_in.failed",
    "sign_out",
    "password.",
    "second_factor.",
    "user.invite",
    "user.accept",
    "user.deactivate",
    "user.activate",
    "user.rename",
    "user.sessions_end",
    "role.give",
    "role.take",
    "agreement.end",
    "token.create",
    "token.revoke",
    "token.refused",
    "audit.export",
)

ACTIONS = tuple(sorted({*POLICY, *_OF_PEOPLE}))
