from django.urls import path

from journal.tools import http

urlpatterns = [
    path("tools", http.Tools.as_view(), name="api-tools"),
    path("tools/<str:name>", http.OneTool.as_view(), name="api-tool"),
]
