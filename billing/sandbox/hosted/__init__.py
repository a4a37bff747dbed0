"""The pages that Stripe would show: payment, customer portal, invoices. They work without scripts."""
