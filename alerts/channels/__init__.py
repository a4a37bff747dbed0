"""Ways to a person: one package a channel, with its validation, its wording and its errors together."""
