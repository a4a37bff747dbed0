"""What of keys is an API: only the report of leaked ones. Keys are made and changed in the portal."""

from django.urls import path

from gateway.keys.leaks.views import LeakedView

urlpatterns = [path("keys/leaked", LeakedView.as_view(), name="keys-leaked")]
