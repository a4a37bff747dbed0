"""News that travels up from billing, sent after commit."""

from django.dispatch import Signal

# Arguments: workspace_id (int | None). None: a plan itself changed, so any workspace may be affected.
entitlement_changed = Signal()
