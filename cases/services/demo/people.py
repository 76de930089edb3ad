"""Who is in the demo: two clinics, one laboratory that reads for both, and the site's keeper."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from django.contrib.auth.hashers import make_password
from django.db import transaction

from accounts.actors import Actor, actor_of_user, system
from accounts.choices import OrganisationKind, Role
from accounts.models import Organisation, User
from accounts.services import audit
from accounts.services.organisations import agreement_make, organisation_open
from accounts.services.roles import role_give

PASSWORD = "only-for-the-demo"
MAKER = system("demo")

_ORGANISATIONS = (
    ("RIV", "Riverside Children's Clinic", OrganisationKind.CLINIC, "Africa/Nairobi"),
    ("HIL", "Hill District Hospital", OrganisationKind.CLINIC, "Asia/Kathmandu"),
    ("CHL", "Central Haematology Laboratory", OrganisationKind.LABORATORY, "Europe/Zurich"),
)


@dataclass(frozen=True, slots=True)
class Login:
    """Somebody who can sign in. organisation: a code, "" for the site."""

    name: str
    email: str
    organisation: str
    role: str
    password: str = PASSWORD

    def as_dict(self) -> dict[str, str]:
        """For `manage.py demo --logins`."""
        return asdict(self)


LOGINS = (
    Login("Sana Ito, RN", "sana@riverside.example", "RIV", Role.SUBMITTER),
    Login("Dr. Omar Diallo", "omar@riverside.example", "RIV", Role.SUBMITTER),
    Login("Ada Mwangi", "ada@riverside.example", "RIV", Role.ADMINISTRATOR),
    Login("Asha Gurung, RN", "asha@hill.example", "HIL", Role.SUBMITTER),
    Login("Dr. Mira Keller", "mira@central.example", "CHL", Role.PATHOLOGIST),
    Login("Dr. Jonas Weiß", "jonas@central.example", "CHL", Role.PATHOLOGIST),
    Login("Lars Brandt", "lars@central.example", "CHL", Role.ADMINISTRATOR),
    Login("Site administrator", "site@telepath.example", "", "site administrator"),
)


@transaction.atomic
def make_people() -> None:
    """Organisations, agreements and people, as far as they are not there yet."""
    organisations = {code: _organisation(code, *more) for code, *more in _ORGANISATIONS}
    for clinic in ("RIV", "HIL"):
        agreement_make(actor=MAKER, clinic=organisations[clinic], laboratory=organisations["CHL"])
    known = set(User.objects.values_list("email", flat=True))
    password = make_password(PASSWORD)
    for login in LOGINS:
        if login.email not in known:
            _person(login, password, organisations)


def actor_called(email: str) -> Actor:
    """Somebody of the demo, as who she may be now."""
    return actor_of_user(User.objects.get(email=email))


def clinic_called(code: str) -> Organisation:
    return Organisation.objects.get(code=code)


def _organisation(code: str, name: str, kind: str, time_zone: str) -> Organisation:
    found = Organisation.objects.filter(code=code).first()
    return found or organisation_open(
        actor=MAKER, name=name, code=code, kind=kind, time_zone=time_zone
    )


def _person(login: Login, password: str, organisations: dict[str, Organisation]) -> None:
    """`password` is hashed already: slow hashing is for those who guess, and here all know it."""
    user = User.objects.create(
        email=login.email,
        name=login.name,
        password=password,
        is_superuser=not login.organisation,
    )
    audit.record(actor=MAKER, action="user.create", chain=None, obj=user)
    if login.organisation:
        organisation = organisations[login.organisation]
        role_give(actor=MAKER, user=user, organisation=organisation, role=login.role)
