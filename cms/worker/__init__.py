"""The worker: it drains the outbox, counts visits and keeps the search index.

Any number of workers may run; each duty is idempotent and takes its own lock. Nothing that readers see waits for
one: a scheduled story is public by the clock, and search answers from the database until the index has caught up.
"""
