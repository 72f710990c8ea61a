"""Where a person wants to be told of what, and how long the workspace waits for decisions."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.requests import WorkspaceRequest, require_owner, require_writer
from common.errors import AppError
from common.htmx import redirect
from common.queue import enqueue
from journal import tasks
from journal.models import AlertChannel, AlertTopic, ChannelKind
from journal.selectors.recommendations import rules_of
from journal.services.alerts import channels as services
from journal.services.alerts.delivery import retry_alert
from journal.services.alerts.quiet import QuietHours
from journal.services.alerts.reminders import change_reminders, read_days, reminders_shown
from journal.services.recommendations.links import revoke_links
from journal.services.recommendations.rules import change_rules

TOPICS = [(one.value, one.label) for one in services.TOPICS]


_QUIET = (
    "On your clock, over midnight if you like. What is urgent comes all the same; the rest comes in one message when "
    "they end."
)
_LOG_MAX = 50


def _topics() -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label="Tell of",
        choices=TOPICS,
        initial=[AlertTopic.APPROVALS.value],
        widget=forms.CheckboxSelectMultiple,
    )


def _clock(label: str, help_text: str = "") -> forms.TimeField:
    widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    return forms.TimeField(label=label, required=False, help_text=help_text, widget=widget)


class ChannelForm(forms.Form):
    # Whether an address is needed depends on the kind, which the browser does not know.
    use_required_attribute = False

    kind = forms.ChoiceField(
        label="By",
        choices=ChannelKind.choices,
        initial=ChannelKind.SERVICE,
        widget=forms.RadioSelect,
    )
    address = forms.CharField(
        max_length=1_000,
        error_messages={"required": "Say where to: the address of the messenger or service."},
        help_text="Of a messenger, push or SMS service, as Apprise writes it: tgram://bot-token/chat-id, "
        "ntfys://ntfy.sh/topic, pover://user@token, discord://id/token, slack://…, "
        "twilio://account:token@from/to. E-mail goes to your own address.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    name = forms.CharField(required=False, max_length=80, help_text="By which you know it.")
    topics = _topics()
    quiet_from = _clock("Quiet from")
    quiet_until = _clock("Quiet until", _QUIET)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.data.get(self.add_prefix("kind")) == ChannelKind.EMAIL:
            self.fields["address"].required = False


class ChannelChangeForm(forms.Form):
    name = forms.CharField(max_length=80)
    topics = _topics()
    quiet_from = _clock("Quiet from")
    quiet_until = _clock("Quiet until", _QUIET)


class RulesForm(forms.Form):
    ignored_after_hours = forms.IntegerField(
        label="Counts as ignored after, hours",
        required=False,
        min_value=1,
        max_value=87_600,
        help_text="A shown recommendation that nobody decided. Empty: never.",
    )
    link_hours = forms.IntegerField(
        label="A link in an alert can be used for, hours", min_value=1, max_value=720
    )
    target_percent = forms.DecimalField(
        label="Profit target, % of the maximum profit",
        required=False,
        min_value=1,
        max_value=100,
        max_digits=5,
        decimal_places=2,
        help_text="At which an open trade is told of, once, by the broker's prices. Empty: never.",
    )
    expiry_days = forms.CharField(
        label="Expiry, days before",
        required=False,
        max_length=60,
        help_text="At which options and futures that are held are told of, such as 7, 1, 0 (0 is the day itself). "
        "Empty: never.",
    )

    def clean_expiry_days(self) -> list[int]:
        return read_days(self.cleaned_data["expiry_days"])


@require_http_methods(["GET", "HEAD", "POST"])
def alerts(request: WorkspaceRequest) -> HttpResponse:
    form = ChannelForm(request.POST or None)
    if request.method != "POST":
        return _page(request, form)
    require_writer(request.membership)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        channel = services.create_channel(request.membership, **_cleaned(form))
    except AppError as error:
        _complain(form, error)
        return _page(request, form, status=error.status)
    messages.success(request, f"“{channel}” is there. Send it a test.")
    return redirect(request, "journal:alerts")


def _cleaned(form: forms.Form) -> dict[str, Any]:
    values = dict(form.cleaned_data)
    quiet = QuietHours(values.pop("quiet_from"), values.pop("quiet_until"))
    return {**values, "quiet": quiet}


def _complain(form: forms.Form, error: AppError) -> None:
    for name, complaints in error.fields.items():
        form.add_error(name, complaints)
    if not error.fields:
        form.add_error(None, error.message)


@require_http_methods(["GET", "HEAD", "POST"])
def channel(request: WorkspaceRequest, channel_id: int) -> HttpResponse:
    """One channel: what it tells of and when, and what became of its messages."""
    found = services.get_channel(request.membership, channel_id)
    names = ("name", "topics", "quiet_from", "quiet_until")
    form = ChannelChangeForm(
        request.POST or None, initial={name: getattr(found, name) for name in names}
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.change_channel(found, **_cleaned(form))
        except AppError as error:
            _complain(form, error)
        else:
            messages.success(request, "Saved.")
            return redirect(request, "journal:alert-channel", found.pk)
    context = {
        "page": "alerts",
        "channel": found,
        "form": form,
        "alerts": found.alerts.order_by("-id")[:_LOG_MAX],
        "zone": found.user.zone.replace("_", " "),
    }
    status = 422 if form.is_bound else 200
    return render(request, "journal/alert_channel.html", context, status=status)


@require_POST
def retry(request: WorkspaceRequest, alert_id: int) -> HttpResponse:
    """One that was given up."""
    alert = services.get_alert(request.membership, alert_id)
    if retry_alert(alert):
        enqueue(tasks.deliver_alerts)
        messages.info(request, "It is tried again.")
    else:
        messages.error(request, "Only what was given up can be tried again.")
    return redirect(request, "journal:alert-channel", alert.channel_id)


def _page(request: WorkspaceRequest, form: ChannelForm, *, status: int = 200) -> HttpResponse:
    rules = rules_of(request.workspace.pk)
    own = AlertChannel.objects.filter(user=request.user)
    context = {
        "page": "alerts",
        "form": form,
        "channels": own,
        "rules": rules,
        "reminders": reminders_shown(request.workspace.pk),
        "rules_form": RulesForm(
            initial={
                "ignored_after_hours": rules.ignored_after_hours,
                "link_hours": rules.link_hours,
                **reminders_shown(request.workspace.pk),
            }
        ),
    }
    return render(request, "journal/alerts.html", context, status=status)


@require_POST
def test(request: WorkspaceRequest, channel_id: int) -> HttpResponse:
    channel = services.get_channel(request.membership, channel_id)
    services.write_test(channel)
    enqueue(tasks.deliver_alerts)
    messages.info(
        request, f"A test is on its way to “{channel}”. Reload to see whether it went well."
    )
    return redirect(request, "journal:alerts")


@require_POST
def pause(request: WorkspaceRequest, channel_id: int) -> HttpResponse:
    channel = services.get_channel(request.membership, channel_id)
    services.pause_channel(channel, is_paused=channel.paused_at is None)
    return redirect(request, "journal:alerts")


@require_POST
def remove(request: WorkspaceRequest, channel_id: int) -> HttpResponse:
    channel = services.get_channel(request.membership, channel_id)
    services.remove_channel(channel)
    messages.success(request, f"“{channel}” is removed, and its address forgotten.")
    return redirect(request, "journal:alerts")


@require_POST
def revoke(request: WorkspaceRequest) -> HttpResponse:
    """All links that were sent to this person and are still open."""
    count = revoke_links(request.workspace.pk, user_id=request.user.pk)
    messages.success(request, f"Links withdrawn: {count}. They decide nothing any more.")
    return redirect(request, "journal:alerts")


@require_POST
def rules(request: WorkspaceRequest) -> HttpResponse:
    require_owner(request.membership)
    form = RulesForm(request.POST)
    if form.is_valid():
        values = dict(form.cleaned_data)
        percent, days = values.pop("target_percent"), values.pop("expiry_days")
        change_rules(request.workspace.pk, **values)
        change_reminders(request.workspace.pk, target_percent=percent, expiry_days=days)
        messages.success(request, "The rules are changed.")
    else:
        complaints = [str(words) for fault in form.errors.values() for words in fault]
        messages.error(request, " ".join(complaints))
    return redirect(request, "journal:alerts")
