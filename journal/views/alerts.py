"""Where a person wants to be told of what, and how long the workspace waits for decisions."""

from __future__ import annotations

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
from journal.services.recommendations.links import revoke_links
from journal.services.recommendations.rules import change_rules

TOPICS = [(one.value, one.label) for one in services.TOPICS]


class ChannelForm(forms.Form):
    kind = forms.ChoiceField(
        label="By",
        choices=ChannelKind.choices,
        initial=ChannelKind.SERVICE,
        widget=forms.RadioSelect,
    )
    address = forms.CharField(
        required=False,
        max_length=1_000,
        help_text="Of a messenger or push service, as Apprise writes it: tgram://bot-token/chat-id, "
        "ntfys://ntfy.sh/topic, pover://user@token, discord://id/token, slack://…. E-mail goes to your own address.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    name = forms.CharField(required=False, max_length=80, help_text="By which you know it.")
    topics = forms.MultipleChoiceField(
        label="Tell of",
        choices=TOPICS,
        initial=[AlertTopic.APPROVALS.value],
        widget=forms.CheckboxSelectMultiple,
    )


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


@require_http_methods(["GET", "HEAD", "POST"])
def alerts(request: WorkspaceRequest) -> HttpResponse:
    form = ChannelForm(request.POST or None)
    if request.method != "POST":
        return _page(request, form)
    require_writer(request.membership)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        channel = services.create_channel(request.membership, **form.cleaned_data)
    except AppError as error:
        for name, complaints in error.fields.items():
            form.add_error(name, complaints)
        if not error.fields:
            form.add_error(None, error.message)
        return _page(request, form, status=error.status)
    messages.success(request, f"“{channel}” is there. Send it a test.")
    return redirect(request, "journal:alerts")


def _page(request: WorkspaceRequest, form: ChannelForm, *, status: int = 200) -> HttpResponse:
    rules = rules_of(request.workspace.pk)
    own = AlertChannel.objects.filter(user=request.user)
    context = {
        "page": "alerts",
        "form": form,
        "channels": own,
        "rules": rules,
        "rules_form": RulesForm(
            initial={
                "ignored_after_hours": rules.ignored_after_hours,
                "link_hours": rules.link_hours,
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
        change_rules(request.workspace.pk, **form.cleaned_data)
        messages.success(request, "The rules are changed.")
    else:
        complaints = [str(words) for fault in form.errors.values() for words in fault]
        messages.error(request, " ".join(complaints))
    return redirect(request, "journal:alerts")
