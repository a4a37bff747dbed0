"""News that travels up from accounts, sent after commit."""

from django.dispatch import Signal

# Arguments: workspace (Workspace). Its keys, runs and alerts stop; nothing is deleted yet.
workspace_closing = Signal()
# Arguments: workspace (Workspace). An owner or staff took the closing back within the 30 days.
workspace_reopened = Signal()
# Arguments: workspace (Workspace). Sent inside the erasing transaction: delete what belongs to the tenant.
workspace_erasing = Signal()
# Arguments: workspace (Workspace), user_id (int). The person no longer belongs to the workspace.
member_left = Signal()
