"""Addresses for who has bought without an account. They stand beside those of the door, under /accounts/."""

from __future__ import annotations

from django.urls import path

from billing import claiming

app_name = "claims"
urlpatterns = [
    path("bought/", claiming.bought, name="bought"),
    path("claim/<str:token>/", claiming.claim, name="claim"),
]
