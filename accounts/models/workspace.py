"""A workspace is the tenant: a person or a team. Keys, alerts, runs and plans belong to it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models.user import User
from moondev.lib import links


class Role(models.TextChoices):
    """What a person may do in a workspace, strongest first."""

    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"

    @property
    def manages(self) -> bool:
        """Owners and admins run the workspace: members, settings, billing, everyone's keys."""
        return self in (Role.OWNER, Role.ADMIN)


class WorkspaceQuerySet(models.QuerySet["Workspace"]):
    def open(self) -> WorkspaceQuerySet:
        return self.filter(closed_at=None)

    def of(self, user: User) -> WorkspaceQuerySet:
        """Workspaces a person belongs to, closed ones included until they are erased."""
        return self.filter(members__user=user, erased_at=None)


class Workspace(models.Model):
    """The tenant. Its slug never changes; closing stops it at once and erases it 30 days later."""

    slug = models.SlugField(max_length=40, unique=True, help_text="Never changes")
    name = models.CharField(max_length=80)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    members_manage_own_keys = models.BooleanField(
        default=True, help_text="Members may create, rotate and revoke keys of their own"
    )
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)
    erase_after = models.DateTimeField(null=True, blank=True, editable=False)
    erased_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = WorkspaceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at=None, erase_after=None) | Q(closed_at__isnull=False, erase_after__isnull=False),
                name="a_closed_workspace_has_an_erase_date",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_open(self) -> bool:
        return self.closed_at is None


class WorkspaceOwned(models.QuerySet[Any]):
    """The queryset of everything that belongs to a tenant: `Model.objects.for_workspace(workspace)`."""

    def for_workspace(self, workspace: Workspace | int) -> Any:
        return self.filter(workspace=workspace)


class Member(models.Model):
    """A person's place in a workspace."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.MEMBER)
    joined_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = WorkspaceOwned.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "user"], name="one_membership_per_person"),
            models.UniqueConstraint(fields=["workspace"], condition=Q(role="owner"), name="one_owner_per_workspace"),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.workspace}"

    @property
    def manages(self) -> bool:
        return Role(self.role).manages


class InvitationQuerySet(WorkspaceOwned):
    def open(self) -> Any:
        """Neither accepted nor revoked; expired ones included."""
        return self.filter(accepted_at=None, revoked_at=None)

    def usable(self) -> Any:
        """Open and not expired: these hold a seat."""
        return self.open().filter(expires_at__gt=timezone.now())


class Invitation(models.Model):
    """A place offered to one e-mail address; only the digest of its token is stored."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField()
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.MEMBER)
    token_digest = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "workspace",
                "email",
                condition=Q(accepted_at=None, revoked_at=None),
                name="one_open_invitation_per_address",
            ),
            models.CheckConstraint(condition=~Q(role="owner"), name="an_owner_is_never_invited"),
        ]

    def __str__(self) -> str:
        return f"{self.email} to {self.workspace}"

    @property
    def is_expired(self) -> bool:
        return self.expires_at <= timezone.now()

    @property
    def is_usable(self) -> bool:
        """Whether it may still be accepted."""
        return self.accepted_at is None and self.revoked_at is None and not self.is_expired

    new_token = staticmethod(links.new_token)
    digest = staticmethod(links.digest)
