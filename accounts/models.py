"""People, organisations, and what happened."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar
from uuid import UUID

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.fields.json import KeyTransform
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.choices import OrganisationKind, Role
from telepath.core.ids import new_id

HELD = Q(is_active=True, accepted_at__isnull=False)
"""Roles that count: given, accepted, not taken away."""
SITE_CHAIN = UUID(int=0)
"""The audit chain of what belongs to no organisation."""


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A person. `is_superuser` marks a site administrator."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120, help_text="Printed on reports, with title.")
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=timezone.now)
    qualification = models.CharField(
        max_length=120, blank=True, help_text="Printed below the name on reports."
    )
    session_generation = models.PositiveIntegerField(
        default=0, help_text="Raised to end every session of this person at once."
    )

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects = UserManager()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_any_case_unique")]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def is_staff(self) -> bool:
        return self.is_superuser

    @property
    def has_accepted(self) -> bool:
        """Whether the person has followed the invitation and chosen a password."""
        return self.has_usable_password()

    def get_session_auth_hash(self) -> str:
        """What a session must carry; a new password or generation makes the old ones worthless."""
        return self._session_hash(None)

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        return (self._session_hash(secret) for secret in settings.SECRET_KEY_FALLBACKS)

    def _session_hash(self, secret: str | bytes | None) -> str:
        content = f"{self.session_generation}:{self.password}"
        hashed = salted_hmac("accounts.session", content, secret=secret, algorithm="sha256")
        return hashed.hexdigest()


class Organisation(models.Model):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=120, unique=True)
    code = models.CharField(max_length=8, unique=True, help_text="Begins each accession number.")
    kind = models.CharField(max_length=12, choices=OrganisationKind.choices)
    time_zone = models.CharField(max_length=40, default="UTC")
    is_active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name


class Letterhead(models.Model):
    """What the reports of a laboratory carry at their head. `logo_key` is never overwritten."""

    laboratory = models.OneToOneField(
        Organisation, on_delete=models.PROTECT, related_name="letterhead"
    )
    address = models.TextField(blank=True, max_length=400)
    telephone = models.CharField(max_length=60, blank=True)
    email = models.CharField(max_length=254, blank=True)
    logo_key = models.CharField(max_length=300, blank=True)
    logo_sha256 = models.CharField(max_length=64, blank=True)
    logo_width = models.PositiveIntegerField(default=0, help_text="Pixels.")
    logo_height = models.PositiveIntegerField(default=0, help_text="Pixels.")

    def __str__(self) -> str:
        return f"Letterhead of {self.laboratory}"


class Membership(models.Model):
    """A role of a person. It is an invitation until she accepts it, and grants nothing before."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="memberships"
    )
    role = models.CharField(max_length=14, choices=Role.choices)
    is_active = models.BooleanField(default=True, help_text="Not taken away, nor declined.")
    accepted_at = models.DateTimeField(null=True, blank=True)
    invited_name = models.CharField(
        max_length=120, blank=True, help_text="As the inviting administrator typed it."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organisation", "role"], name="membership_once_per_role"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.get_role_display()} at {self.organisation}"


class ReadingAgreement(models.Model):
    """`laboratory` reads for `clinic`, from the day it was made until it is ended.

    Made again it is another row, so that the time between is seen.
    """

    laboratory = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="reads_for")
    clinic = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="read_by")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["laboratory", "clinic"],
                condition=Q(is_active=True),
                name="reading_agreement_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.laboratory} reads for {self.clinic}"


class ApiToken(models.Model):
    """A machine client of one organisation. Only a hash of the secret is kept."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="tokens")
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=12, unique=True)
    secret_sha256 = models.CharField(max_length=64)
    scopes = ArrayField(models.CharField(max_length=20))
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    answerable = models.ForeignKey(
        User, null=True, on_delete=models.PROTECT, related_name="tokens", help_text="Now."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix})"


class AuditHead(models.Model):
    """The end of a chain: its row lock orders writers, its values show a tail cut off."""

    chain = models.UUIDField(primary_key=True)
    sequence = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="0" * 64)


class AuditEvent(models.Model):
    """One thing that somebody did or saw. A trigger refuses UPDATE, DELETE and TRUNCATE.

    Names are frozen as text, so the log reads the same after a person or a case is renamed.
    `hash` = SHA-256 over the canonical JSON of all other columns and the previous hash; what it
    covered when the entry was written is its `format` (see `audit_chain`).
    """

    id = models.BigAutoField(primary_key=True)
    format = models.PositiveSmallIntegerField(default=1)
    chain = models.UUIDField()
    sequence = models.BigIntegerField()
    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=10)
    actor_id = models.CharField(max_length=40, blank=True)
    actor_name = models.CharField(max_length=200)
    action = models.CharField(max_length=60)
    object_type = models.CharField(max_length=40, blank=True)
    object_id = models.CharField(max_length=40, blank=True)
    object_label = models.CharField(max_length=200, blank=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    request_id = models.CharField(max_length=40, blank=True)
    address = models.CharField(max_length=45, blank=True)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["chain", "sequence"], name="audit_sequence_unique")
        ]
        indexes = [
            models.Index(fields=["chain", "-id"], name="audit_of_a_chain"),
            models.Index(fields=["object_id", "-id"], name="audit_of_an_object"),
            models.Index(fields=["actor_id", "-id"], name="audit_of_an_actor"),
            GinIndex(
                KeyTransform("rows", "after"),
                condition=Q(action__endswith=".list"),
                name="audit_of_listed_rows",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sequence} {self.actor_name} {self.action} {self.object_label}"


class AuditProof(models.Model):
    """One walk along chains that an administrator asked for, and what it found."""

    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    chains = ArrayField(models.UUIDField())
    finished_at = models.DateTimeField(null=True)
    entries = models.BigIntegerField(default=0)
    fault = models.TextField(blank=True, help_text="Empty: every link holds.")

    class Meta:
        indexes = [models.Index(fields=["asked_by", "-id"], name="audit_proof_of_a_person")]


class SentForm(models.Model):
    """What was sent once and carried out: the same again leads to the same result and does nothing.

    key: a keyed hash of sender, address, token and content, so nothing of the content can be read
    here. token: of the rendered form, or the program's own key. result: where it led.
    """

    key = models.CharField(primary_key=True, max_length=64)
    token = models.CharField(max_length=64)
    result = models.TextField(blank=True)
    notices = models.JSONField(default=list, help_text="[[level, text], ...] told beside it.")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            models.Index(fields=["token"], name="sent_form_of_a_token"),
            models.Index(fields=["at"], name="sent_forms_by_age"),
        ]


class Draft(models.Model):
    """What somebody typed into a form and has not sent. Never a password."""

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="drafts")
    key = models.CharField(max_length=120, help_text="Of which form: case.sign:<case>:1")
    fields = models.JSONField(default=dict, help_text="Text by name of the field.")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "key"], name="one_draft_of_a_form")
        ]
        indexes = [models.Index(fields=["at"], name="drafts_by_age")]
