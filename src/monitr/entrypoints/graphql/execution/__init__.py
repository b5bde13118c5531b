"""What resolvers have at hand, and what an operation may cost."""
