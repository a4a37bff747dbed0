"""News that travels up from billing, sent after commit."""

from django.dispatch import Signal

# Arguments: workspace_id (int | None). None: a plan itself changed, so any workspace may be affected.
entitlement_changed = Signal()

# Argument: task (str), the name of a task that has something to do now and need not wait for beat.
work_waiting = Signal()
