"""`make up`: the whole product on one machine, for development. Run as `python -m moondev.up`."""
