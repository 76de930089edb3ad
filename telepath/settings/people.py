"""Signing in, sessions, passwords, e-mail."""

from __future__ import annotations

from telepath.settings.environment import ENVIRONMENT, env, needed_in_production

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "allauth.account.auth_backends.AuthenticationBackend",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"

ACCOUNT_ADAPTER = "accounts.adapter.InvitationOnlyAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # an invitation link is the proof of the address
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False  # a session ends with the browser, at the latest
ACCOUNT_EMAIL_NOTIFICATIONS = True  # a mail when the password or the second factor changes
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "10/m/ip,5/5m/key",  # key: account and address together, see the adapter
    "login_everywhere": "100/h/key",  # key: account
    "reset_password": "20/m/ip,5/m/key",
    "reauthenticate": "10/m/user",
}
MFA_ADAPTER = "accounts.adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Telepath"

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
# Slow by design, but not thousands of times in a test run.
_HASHER = "MD5PasswordHasher" if ENVIRONMENT == "test" else "PBKDF2PasswordHasher"
PASSWORD_HASHERS = [f"django.contrib.auth.hashers.{_HASHER}"]

SESSION_ENGINE = "accounts.sessions"
SESSION_COOKIE_AGE = 12 * 3600
IDLE_LOGOFF_SECONDS = env.int("IDLE_LOGOFF_SECONDS", default=30 * 60)

_EMAIL = needed_in_production(
    "EMAIL_URL",
    elsewhere="consolemail://",
    why="Invitations and password resets go by e-mail, such as smtp://user:password@host:587.",
)
vars().update(env.email_url_config(_EMAIL))
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="telepath@localhost")
EMAIL_TIMEOUT = 10  # seconds: a worker must not hang with a mail server that does
