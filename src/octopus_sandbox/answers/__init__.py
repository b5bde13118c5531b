"""How Octopus spells what it answers, and what is kept ready to be sent."""
