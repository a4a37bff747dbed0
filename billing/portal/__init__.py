"""The pages of billing on the customers' portal."""
