"""What Octopus knows of a dossier, and every way in which it can change."""

from octopus_sandbox.books.books import Books, Deletion

__all__ = ["Books", "Deletion"]
