"""The pages of alerts on the customers' portal."""
