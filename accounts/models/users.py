from typing import TYPE_CHECKING, Any, ClassVar
from zoneinfo import available_timezones

import pghistory
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower

if TYPE_CHECKING:
    EmailColumn = models.EmailField[str, str]
else:
    EmailColumn = models.EmailField


class LowercaseEmailField(EmailColumn):
    """An address that is one person whatever the case it is typed in."""

    def get_prep_value(self, value: Any) -> Any:
        prepared = super().get_prep_value(value)
        return prepared.lower() if isinstance(prepared, str) else prepared

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = self.get_prep_value(getattr(model_instance, self.attname))
        setattr(model_instance, self.attname, value)
        return value


def validate_zone(value: str) -> None:
    if value not in available_timezones():
        raise ValidationError(
            f"“{value}” is not a time zone. Use a name such as Europe/Berlin.", code="unknown_zone"
        )


class Theme(models.TextChoices):
    SYSTEM = "system", "As the system"
    LIGHT = "light", "Light"
    DARK = "dark", "Dark"


class Locale(models.TextChoices):
    """How numbers are written; the words stay English, and dates name their month."""

    BROWSER = "browser", "As my browser"
    ENGLISH_US = "en-US", "1,234.56 (English, US)"
    ENGLISH_UK = "en-GB", "1,234.56 (English, UK)"
    GERMAN = "de-DE", "1.234,56 (German)"
    SWISS = "de-CH", "1’234.56 (Swiss)"
    FRENCH = "fr-FR", "1 234,56 (French)"
    SPANISH = "es-ES", "1.234,56 (Spanish)"
    ITALIAN = "it-IT", "1.234,56 (Italian)"
    DUTCH = "nl-NL", "1.234,56 (Dutch)"
    POLISH = "pl-PL", "1 234,56 (Polish)"
    PORTUGUESE_BRAZIL = "pt-BR", "1.234,56 (Portuguese, Brazil)"
    SWEDISH = "sv-SE", "1 234,56 (Swedish)"
    INDIAN = "en-IN", "12,34,567.89 (English, India)"
    JAPANESE = "ja-JP", "1,234.56 (Japanese)"


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=username)

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Without a password the person cannot sign in until one is set."""
        user = self.model(email=email, **fields)
        user.set_password(password)
        user.full_clean()
        user.save(using=self._db)
        return user


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    exclude=["password", "last_login"],
)
class User(AbstractBaseUser, PermissionsMixin):
    email = LowercaseEmailField("e-mail", unique=True)
    name = models.CharField(max_length=150, blank=True)
    zone = models.CharField("time zone", max_length=64, default="UTC", validators=[validate_zone])
    theme = models.CharField(max_length=6, choices=Theme, default=Theme.SYSTEM)
    locale = models.CharField("numbers", max_length=10, choices=Locale, default=Locale.BROWSER)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField("administers this installation", default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = "person"
        verbose_name_plural = "people"
        constraints = [
            # Together with unique=True this makes the address unique in any case of letters.
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")), name="user_email_is_lowercase"
            ),
            models.CheckConstraint(
                condition=models.Q(theme__in=Theme.values), name="user_theme_is_known"
            ),
        ]

    def __str__(self) -> str:
        return self.email

    def clean(self) -> None:
        # AbstractBaseUser.clean() lowers only the domain part.
        self.email = self.email.lower()

    @property
    def display_name(self) -> str:
        return self.name or self.email.partition("@")[0]

    def get_full_name(self) -> str:
        return self.name or self.email

    def get_short_name(self) -> str:
        return self.display_name
