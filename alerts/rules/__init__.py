"""What can be watched: one module a kind, pure, and `registry.RULES` by the kind's name."""
