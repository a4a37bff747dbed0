"""The portal's pages about people and workspaces."""
