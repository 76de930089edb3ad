"""Machine clients: `Authorization: Bearer <token>`."""

from __future__ import annotations

from dataclasses import dataclass

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.actors import actor_of_token
from accounts.http import where_from
from accounts.models import ApiToken
from accounts.services import tokens


@dataclass(frozen=True, slots=True)
class MachineClient:
    """What stands in `request.user` for a token: somebody, but not a `User`."""

    token_id: str
    is_authenticated: bool = True
    is_active: bool = True
    is_anonymous: bool = False
    is_staff: bool = False
    is_superuser: bool = False

    @property
    def pk(self) -> str:
        return f"token-{self.token_id}"


class TokenAuthentication(BaseAuthentication):
    """Checks the secret, and puts the token's actor in the place of the session's.

    Answers None without the header, so that the session is tried next; a bad token is refused even
    when a session would have done.
    """

    keyword = b"bearer"

    def authenticate(self, request: Request) -> tuple[MachineClient, ApiToken] | None:
        parts = get_authorization_header(request).split()
        if not parts or parts[0].lower() != self.keyword:
            return None
        secret = parts[1].decode("latin-1") if len(parts) == 2 else ""
        where = where_from(request._request)
        try:
            token = tokens.token_of(secret, **where)
        except tokens.TokenRefused as refusal:
            raise AuthenticationFailed(refusal.message, code=refusal.code) from refusal
        request._request.actor = actor_of_token(token, **where)  # type: ignore[attr-defined]  # as ActorMiddleware
        return MachineClient(token_id=str(token.pk)), token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


class TokenScheme(OpenApiAuthenticationExtension):
    """How the schema names it."""

    target_class = "accounts.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "A token of one clinic, made by its administrator. It can never sign.",
        }
