"""Messages and the places they go to as staff see them; moondev/staff.py puts them on the site."""
