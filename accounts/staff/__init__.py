"""People, workspaces, invitations and the audit log as staff see them; moondev/staff.py puts them on the site."""
