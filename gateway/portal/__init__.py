"""The portal's pages about keys and their use."""
