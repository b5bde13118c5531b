"""How a dossier of some years comes about: from a seed, a number of lines and a day."""
