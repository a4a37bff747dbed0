"""Keys, usage by customer and whole workspaces as staff see them; moondev/staff.py puts them on the site."""
