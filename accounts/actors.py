"""Who acts: a person, a machine client, or the system itself. Loaded once a request."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from uuid import UUID

from accounts.choices import OrganisationKind, Role
from accounts.models import HELD, ApiToken, Membership, ReadingAgreement, User


@dataclass(frozen=True, slots=True)
class Actor:
    """What the policy needs to know of somebody, as plain sets of organisation ids.

    clinics_read: clinics that the laboratories of a pathologist read for.
    clinics_overseen: clinics read by the laboratories that an administrator runs.
    """

    kind: str
    id: str
    name: str
    user: User | None = None
    is_site_administrator: bool = False
    submits_for: frozenset[UUID] = frozenset()
    laboratories: frozenset[UUID] = frozenset()
    clinics_read: frozenset[UUID] = frozenset()
    administers: frozenset[UUID] = frozenset()
    clinics_overseen: frozenset[UUID] = frozenset()
    token_clinics: frozenset[UUID] = frozenset()
    scopes: frozenset[str] = frozenset()
    request_id: str = field(default="", compare=False)
    address: str = field(default="", compare=False)

    @property
    def organisations(self) -> frozenset[UUID]:
        """Every organisation that this actor belongs to."""
        return self.submits_for | self.laboratories | self.administers | self.token_clinics

    @property
    def is_somebody(self) -> bool:
        return self.kind != "nobody"


NOBODY = Actor(kind="nobody", id="", name="nobody")


def system(name: str) -> Actor:
    """The platform itself, acting for nobody: a worker, the scheduler, the demo."""
    return Actor(kind="system", id="", name=name)


def nobody(*, request_id: str = "", address: str = "") -> Actor:
    """Somebody who has not signed in, as far as the request tells."""
    return replace(NOBODY, request_id=request_id, address=address)


def actor_of_user(user: User, *, request_id: str = "", address: str = "") -> Actor:
    """Load what `user` may reach. At most two queries. A deactivated user is nobody."""
    if not user.is_active:
        return nobody(request_id=request_id, address=address)
    roles: dict[str, set[UUID]] = {role: set() for role in Role.values}
    memberships = Membership.objects.filter(
        HELD, user=user, organisation__is_active=True
    ).values_list("role", "organisation_id")
    for role, organisation_id in memberships:
        roles[role].add(organisation_id)
    read_by = _clinics_by_laboratory(roles[Role.PATHOLOGIST] | roles[Role.ADMINISTRATOR])
    return Actor(
        kind="user",
        id=str(user.pk),
        name=str(user),
        user=user,
        is_site_administrator=user.is_superuser,
        submits_for=frozenset(roles[Role.SUBMITTER]),
        laboratories=frozenset(roles[Role.PATHOLOGIST]),
        clinics_read=_clinics_of(read_by, roles[Role.PATHOLOGIST]),
        administers=frozenset(roles[Role.ADMINISTRATOR]),
        clinics_overseen=_clinics_of(read_by, roles[Role.ADMINISTRATOR]),
        request_id=request_id,
        address=address,
    )


def actor_of_token(token: ApiToken, *, request_id: str = "", address: str = "") -> Actor:
    """A machine client: the clinic of its token, within its scopes."""
    is_clinic = token.organisation.kind == OrganisationKind.CLINIC
    return Actor(
        kind="token",
        id=str(token.pk),
        name=f"{token.name} (token {token.prefix})",
        token_clinics=frozenset({token.organisation_id} if is_clinic else ()),
        scopes=frozenset(token.scopes),
        request_id=request_id,
        address=address,
    )


def _clinics_by_laboratory(laboratories: set[UUID]) -> list[tuple[UUID, UUID]]:
    if not laboratories:
        return []
    agreements = ReadingAgreement.objects.filter(
        laboratory__in=laboratories, is_active=True, clinic__is_active=True
    )
    return list(agreements.values_list("laboratory_id", "clinic_id"))


def _clinics_of(pairs: list[tuple[UUID, UUID]], laboratories: set[UUID]) -> frozenset[UUID]:
    return frozenset(clinic for laboratory, clinic in pairs if laboratory in laboratories)
