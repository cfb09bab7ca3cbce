"""The demo: one fictional organisation, its plans, and the years it has lived through up to today."""
