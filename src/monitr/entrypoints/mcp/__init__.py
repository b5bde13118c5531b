"""The Model Context Protocol: the read operations of the contract as tools of agents, over the same schema."""
