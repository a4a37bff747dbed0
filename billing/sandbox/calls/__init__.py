"""The calls that sell: subscriptions, invoices, payments, checkout, the customer portal."""
