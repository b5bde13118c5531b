"""An import run: what is read of Octopus, in which order, and how it is proven."""
