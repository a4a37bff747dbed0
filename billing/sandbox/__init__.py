"""A Stripe to develop against: the part of its API that this product and dj-stripe use. No money moves.

One process with its state in memory and in one file, without a database. Objects are plain dicts, field for field as
Stripe's JSON of the pinned API version. It imports neither stripe nor our models, so it can be wrong only by itself.
"""
