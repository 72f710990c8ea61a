from typing import TYPE_CHECKING, Any

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.http import HttpRequest

from accounts.models import ApiToken, Invitation, Membership, User, Workspace
from accounts.services.tokens import revoke_token

# The admin's own sign-in knows no second step.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

# Django's classes know their model only to the type checker.
if TYPE_CHECKING:
    CreationForm = AdminUserCreationForm[User]
    PersonBase = UserAdmin[User]
    WorkspaceBase = admin.ModelAdmin[Workspace]
    MembershipBase = admin.ModelAdmin[Membership]
    InlineBase = admin.TabularInline[Membership, Workspace]
    ReadOnlyBase = admin.ModelAdmin[Any]
else:
    CreationForm, PersonBase, InlineBase = AdminUserCreationForm, UserAdmin, admin.TabularInline
    WorkspaceBase = MembershipBase = ReadOnlyBase = admin.ModelAdmin


class PersonCreationForm(CreationForm):
    class Meta:
        model = User
        fields = ("email",)
        field_classes: dict[str, Any] = {}


@admin.register(User)
class PersonAdmin(PersonBase):
    add_form = PersonCreationForm
    ordering = ("email",)
    list_display = ("email", "name", "is_staff", "is_active", "last_login", "created_at")
    list_filter = ("is_staff", "is_active")
    search_fields = ("email", "name")
    readonly_fields = ("last_login", "created_at")
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("email", "password", "name")}),
        ("Preferences", {"fields": ("zone", "theme", "locale")}),
        ("Access", {"fields": ("is_active", "is_staff", "is_superuser")}),
        ("Dates", {"fields": ("last_login", "created_at")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "usable_password", "password1", "password2")}),)


class MembershipInline(InlineBase):
    model = Membership
    extra = 0
    autocomplete_fields = ("user",)


@admin.register(Workspace)
class WorkspaceAdmin(WorkspaceBase):
    list_display = ("name", "slug", "base_currency", "created_at")
    search_fields = ("name", "slug")
    prepopulated_fields = {"slug": ("name",)}
    inlines = (MembershipInline,)


@admin.register(Membership)
class MembershipAdmin(MembershipBase):
    list_display = ("user", "workspace", "role", "created_at")
    list_filter = ("role",)
    list_select_related = ("user", "workspace")
    search_fields = ("user__email", "workspace__name")
    autocomplete_fields = ("user", "workspace")


class ReadOnly(ReadOnlyBase):
    """They come into being on pages that show their secret once; here they can only end."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Invitation)
class InvitationAdmin(ReadOnly):
    list_display = ("email", "workspace", "role", "invited_by", "expires_at", "accepted_at")
    list_select_related = ("workspace", "invited_by")
    search_fields = ("email", "workspace__name")
    exclude = ("token_digest",)


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnly):
    list_display = (
        "name",
        "shown_key",
        "user",
        "workspace",
        "expiry",
        "last_used_at",
        "revoked_at",
    )
    list_filter = ("revoked_at",)
    list_select_related = ("user", "workspace")
    search_fields = ("name", "user__email", "workspace__name")
    exclude = ("digest", "token_key")
    readonly_fields = ("shown_key",)
    actions = ("revoke",)

    @admin.display(description="Begins with")
    def shown_key(self, token: ApiToken) -> str:
        return f"{token.token_key}…"

    @admin.action(description="Revoke the selected tokens", permissions=["delete"])
    def revoke(self, request: HttpRequest, queryset: Any) -> None:
        for token in queryset:
            revoke_token(token)
        self.message_user(request, f"Revoked {len(queryset)}.")
