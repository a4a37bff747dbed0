"""Everything that changes people and workspaces; pages, tasks and commands call these."""
