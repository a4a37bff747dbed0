"""The pages of backtests on the customers' portal, and those of share links."""
