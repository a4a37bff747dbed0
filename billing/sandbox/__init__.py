"""A local server with the behaviour of Stripe, for development and tests. It never touches the product's database."""
