"""What people may type, and how it is checked before a service sees it."""

from journal.forms.accounts import AccountForm, AccountSettingsForm, NewAccountForm
from journal.forms.base import AccountChoice, ReasonForm, list_zones
from journal.forms.connections import AskForm, BridgeForm, ConnectionForm, CredentialsForm, LiveForm
from journal.forms.imports import ExpectationForm, PasteForm, TableOwnerForm, UploadForm
from journal.forms.prices import PriceForm

__all__ = (
    "AccountChoice", "AccountForm", "AccountSettingsForm", "AskForm", "BridgeForm", "ConnectionForm",
    "CredentialsForm", "ExpectationForm", "LiveForm", "NewAccountForm", "PasteForm", "PriceForm", "ReasonForm",
    "TableOwnerForm", "UploadForm", "list_zones",
)  # fmt: skip
