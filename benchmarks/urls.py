"""The application's addresses and one more: a view that does one INSERT and nothing else."""

from __future__ import annotations

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from accounts.middleware import workspace_optional
from config.urls import urlpatterns as own

TABLE = "bench_bare"
CREATE = (
    f"CREATE TABLE IF NOT EXISTS {TABLE} "
    "(id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, payload text NOT NULL)"
)


@csrf_exempt
@workspace_optional
def insert(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {TABLE} (payload) VALUES (%s)", [request.body.decode()])
    return HttpResponse(b'{"status": "created"}', content_type="application/json", status=201)


urlpatterns = [*own, path("bare", insert)]
