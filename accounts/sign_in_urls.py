"""Of allauth's addresses, those that this platform uses; no route exists that nobody needs.

Left out: changing one's e-mail address (an administrator invites a new one) and confirming it (the
invitation link is the proof). Sign-up stays, because mails link to it, and says that it is closed.
"""

from allauth.account import urls as account
from allauth.mfa import urls as mfa
from django.urls import URLPattern, URLResolver, include, path

from accounts.once import once

_WANTED = frozenset(
    {
        "account_login",
        "account_logout",
        "account_inactive",
        "account_signup",
        "account_reauthenticate",
        "account_change_password",
        "account_set_password",
        "account_reset_password",
        "account_reset_password_done",
        "account_reset_password_from_key",
        "account_reset_password_from_key_done",
    }
)

_SAME_EVERY_TIME = frozenset(
    {"account_login", "account_logout", "account_reauthenticate", "mfa_authenticate"}
)
"""Sent twice, they do what they did; and the first changes the session under the second."""


Entry = URLPattern | URLResolver


def _once(entry: Entry) -> Entry:
    """The same address; what changes something is carried out once for each rendered form."""
    if isinstance(entry, URLResolver):
        return URLResolver(entry.pattern, [_once(one) for one in entry.url_patterns])
    if entry.name in _SAME_EVERY_TIME:
        return entry
    return URLPattern(entry.pattern, once(entry.callback), entry.default_args, entry.name)


urlpatterns = [
    *(_once(one) for one in account.urlpatterns if one.name in _WANTED),
    path("2fa/", include([_once(one) for one in mfa.urlpatterns])),
]
