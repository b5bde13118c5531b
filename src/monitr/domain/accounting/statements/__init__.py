"""Statements: the balance sheet and the profit and loss account, of the law's models or of one's own.

A statement is computed from a ``Layout``: lines, and a function that says which of them take an account (and a cost
centre). ``rubrics`` makes those of the NBB; whatever else can be written as a Layout is shown the same way.
"""
