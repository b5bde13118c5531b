"""Sentences in no language, the catalogue that has them in three, and how they are said in one (docs/languages.md)."""
