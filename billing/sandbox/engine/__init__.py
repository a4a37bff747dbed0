"""What Stripe does behind its API: periods, totals, payments, renewals, retries, prorations, schedules."""
