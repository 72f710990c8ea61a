"""Where a workspace tells programs what happens: for its owners."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from accounts.requests import WorkspaceRequest, require_owner
from common.errors import AppError
from common.htmx import redirect
from common.queue import enqueue
from journal import tasks
from journal.models import WebhookEndpoint
from journal.services.webhooks import endpoints as services
from journal.services.webhooks.events import EVENTS, TEST

CHOICES = [(name, words) for name, words in EVENTS.items() if name != TEST]
_SHOWN_MAX = 50


class EndpointForm(forms.Form):
    address = forms.CharField(
        max_length=1_000,
        help_text="Your program's, such as https://bot.example.org/fillbook. It is encrypted and not shown again.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    name = forms.CharField(required=False, max_length=80, help_text="By which you know it.")
    events = forms.MultipleChoiceField(
        label="Tell it when", choices=CHOICES, widget=forms.CheckboxSelectMultiple
    )


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@sensitive_variables("secret")
def webhooks(request: WorkspaceRequest) -> HttpResponse:
    require_owner(request.membership)
    form = EndpointForm(request.POST or None)
    if request.method != "POST":
        return _list(request, form)
    if form.is_valid():
        try:
            endpoint, secret = services.create_endpoint(request.membership, **form.cleaned_data)
        except AppError as error:
            _complain(form, error)
        else:
            # No redirect: the secret is in this one answer, and not even in the session.
            return _page(request, endpoint, secret=secret, status=201)
    return _list(request, form, status=422)


def _complain(form: forms.Form, error: AppError) -> None:
    for name, complaints in error.fields.items():
        form.add_error(name if name in form.fields else None, complaints)
    if not error.fields:
        form.add_error(None, error.message)


def _list(request: WorkspaceRequest, form: forms.Form, *, status: int = 200) -> HttpResponse:
    context = {"page": "webhooks", "form": form, "endpoints": services.list_endpoints()}
    return render(request, "journal/webhooks.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def webhook(request: WorkspaceRequest, endpoint_id: int) -> HttpResponse:
    require_owner(request.membership)
    endpoint = services.get_endpoint(endpoint_id)
    if request.method != "POST":
        return _page(request, endpoint)
    form = _form_of(endpoint, request.POST)
    if form.is_valid():
        try:
            services.change_endpoint(endpoint, **form.cleaned_data)
        except AppError as error:
            _complain(form, error)
        else:
            messages.success(request, "Saved.")
            return redirect(request, "journal:webhook", endpoint.pk)
    return _page(request, endpoint, form=form, status=422)


def _form_of(endpoint: WebhookEndpoint, data: object = None) -> EndpointForm:
    initial = {"name": endpoint.name, "events": endpoint.wanted}
    form = EndpointForm(data, initial=initial)  # type: ignore[arg-type]  # a QueryDict or None
    address = form.fields["address"]
    address.required = False
    address.help_text = f"Of {endpoint.host}. Empty keeps the one that it has."
    return form


def _page(
    request: WorkspaceRequest,
    endpoint: WebhookEndpoint,
    *,
    form: forms.Form | None = None,
    secret: str = "",
    status: int = 200,
) -> HttpResponse:
    deliveries = endpoint.deliveries.select_related("event").order_by("-id")
    context = {
        "page": "webhooks",
        "endpoint": endpoint,
        "form": form or _form_of(endpoint),
        "secret": secret,
        "deliveries": deliveries[:_SHOWN_MAX],
    }
    return render(request, "journal/webhook.html", context, status=status)


@require_POST
def test(request: WorkspaceRequest, endpoint_id: int) -> HttpResponse:
    require_owner(request.membership)
    endpoint = services.get_endpoint(endpoint_id)
    services.write_test(endpoint)
    enqueue(tasks.deliver_webhooks)
    messages.info(request, "A test is on its way. Reload to see how it was answered.")
    return redirect(request, "journal:webhook", endpoint.pk)


@require_POST
def pause(request: WorkspaceRequest, endpoint_id: int) -> HttpResponse:
    require_owner(request.membership)
    endpoint = services.get_endpoint(endpoint_id)
    services.pause_endpoint(endpoint, is_paused=endpoint.is_live)
    return redirect(request, "journal:webhook", endpoint.pk)


@require_POST
@never_cache
@sensitive_variables("secret")
def secret(request: WorkspaceRequest, endpoint_id: int) -> HttpResponse:
    require_owner(request.membership)
    endpoint = services.get_endpoint(endpoint_id)
    return _page(request, endpoint, secret=services.change_secret(endpoint), status=201)


@require_POST
def remove(request: WorkspaceRequest, endpoint_id: int) -> HttpResponse:
    require_owner(request.membership)
    endpoint = services.get_endpoint(endpoint_id)
    services.remove_endpoint(endpoint)
    messages.success(request, f"“{endpoint}” is removed, and its address and secret forgotten.")
    return redirect(request, "journal:webhooks")


@require_POST
def redeliver(request: WorkspaceRequest, delivery_id: int) -> HttpResponse:
    require_owner(request.membership)
    delivery = services.get_delivery(delivery_id)
    services.redeliver(delivery)
    enqueue(tasks.deliver_webhooks)
    messages.info(request, "It is on its way again.")
    return redirect(request, "journal:webhook", delivery.endpoint_id)
