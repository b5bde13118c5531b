"""The read side: plain rows by key-set pages (decision 5), and which permission each question requires (decision 15).

A module a subject holds the port that the database serves, beside its rows; ``Reading`` is what everybody else asks.
"""
