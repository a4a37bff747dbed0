"""Payment: the only code that imports stripe or djstripe."""
