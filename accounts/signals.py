"""News that travels up from accounts."""

from django.dispatch import Signal

# Sent after commit. Arguments: workspace (Workspace). Its keys, runs and alerts stop; nothing is deleted yet.
workspace_closing = Signal()
# Sent after commit. Arguments: workspace (Workspace). Its owner or staff took the closing back within the 30 days.
workspace_reopened = Signal()
# Sent inside the erasing transaction: delete what belongs to the tenant. Arguments: workspace (Workspace).
workspace_erasing = Signal()
# Sent inside the transaction in which a person stops belonging to a workspace, so that a crash cannot leave their keys
# working. Arguments: workspace (Workspace), user_id (int).
member_left = Signal()
# Sent inside the transaction in which a person who ran a workspace becomes a plain member of it. Arguments: workspace
# (Workspace), user_id (int). What only those who run it may have has to go.
member_demoted = Signal()
