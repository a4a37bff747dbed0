"""Addresses outside the portal: those that letters name, and the way out of acting."""

from __future__ import annotations

from django.urls import path

from accounts import views

app_name = "accounts"
urlpatterns = [
    path("invitations/<str:token>/", views.invitation, name="invitation"),
    path("acting/stop/", views.end_acting, name="stop_acting"),
]
