"""What alerts measure: one module a kind, each pure. `alerts.rules.registry` lists them."""
