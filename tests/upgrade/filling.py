"""Fills a database by the code of 0.1.0: run by `make_0_1_0`, inside that checkout.

A small demo (one field of few cells a case), and beside it what an upgrade has to carry over:
record numbers that only look different, a second factor, a person who has not answered her
invitation, one who was locked out with her token, an agreement that ended, an upload on its way.
"""

from dataclasses import replace
from datetime import date, timedelta

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

from accounts.choices import Role, TokenScope
from accounts.models import User
from accounts.services.organisations import agreement_end
from accounts.services.tokens import token_create
from accounts.services.users import user_deactivate, user_invite
from cases.models import Case
from cases.services.demo import build, builder, recipes
from cases.services.demo.people import actor_called, clinic_called
from cases.services.intake import patient_register
from cases.services.uploads import upload_append, upload_begin
from inference.models import ModelVersion
from telepath.core.models import LiveEvent

FEW = (("white_cells", 3),)
ADA, LARS, SANA = "ada@riverside.example", "lars@central.example", "sana@riverside.example"


def small(recipe):
    spec = recipe.smear.spec if dict(recipe.smear.spec).get("white_cells") == 0 else FEW
    return replace(recipe, smear=replace(recipe.smear, fields=1, spec=spec))


builder.RECIPES = tuple(small(recipe) for recipe in recipes.RECIPES)
build(say=print)

for number in ("AB 77", "ab-77", "ΑΒ 77"):
    patient_register(
        actor=actor_called(SANA),
        clinic=clinic_called("RIV"),
        mrn=number,
        name="রাহেলা বেগম",
        sex="female",
        birth_date=date(2020, 2, 29),
    )

TOTP.activate(User.objects.get(email=LARS), generate_totp_secret())
RecoveryCodes.activate(User.objects.get(email=LARS))

site = actor_called("site@telepath.example")
clinic = clinic_called("RIV")
user_invite(
    actor=actor_called(ADA),
    organisation=clinic,
    email="late@riverside.example",
    name="Lata Waiting",
    role=Role.SUBMITTER,
)
user_invite(
    actor=site,
    organisation=clinic,
    email="gone@riverside.example",
    name="Gona Gone",
    role=Role.ADMINISTRATOR,
)
gone = User.objects.get(email="gone@riverside.example")
gone.set_password("no longer here, 1234")
gone.save()
token_create(
    actor=actor_called(gone.email),
    organisation=clinic,
    name="Register",
    scopes=[TokenScope.CASES_WRITE],
    lifetime=timedelta(days=300),
)
user_deactivate(actor=site, user=gone)

agreement_end(actor=site, agreement=clinic_called("HIL").read_by.get())

draft = Case.objects.filter(status="draft").first()
upload = upload_begin(actor=actor_called(SANA), case=draft, filename="late.png", size=2_000_000)
upload_append(actor=actor_called(SANA), upload=upload, offset=0, stream=[bytes(1_048_576)])


def short(value):
    """The card without the length of its curves, which are two thirds of the dump."""
    if isinstance(value, dict):
        return {name: short(part) for name, part in value.items()}
    return [short(part) for part in value[:8]] if isinstance(value, list) else value


model = ModelVersion.objects.get()
model.card = short(model.card)
model.save()

newest = LiveEvent.objects.order_by("-at", "-number").values_list("pk", flat=True)[:60]
LiveEvent.objects.exclude(pk__in=list(newest)).delete()  # as the sweep does by their age
