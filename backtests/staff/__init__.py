"""Runs of all customers as staff see them; moondev/staff.py puts them on the site."""
