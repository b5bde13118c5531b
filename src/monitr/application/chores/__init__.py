"""What the program does by itself, again and again, for all organisations."""
