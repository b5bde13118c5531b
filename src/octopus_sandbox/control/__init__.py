"""The sandbox in the hands of a person or a program, while it runs."""
