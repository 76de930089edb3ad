"""Of allauth's addresses, those that this platform uses; no route exists that nobody needs.

Left out: changing one's e-mail address (an administrator invites a new one) and confirming it (the
invitation link is the proof). Sign-up stays, because mails link to it, and says that it is closed.
"""

from allauth.account import urls as account
from allauth.mfa import urls as mfa
from django.urls import URLPattern, include, path

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

urlpatterns = [
    *(one for one in account.urlpatterns if isinstance(one, URLPattern) and one.name in _WANTED),
    path("2fa/", include(mfa)),
]
