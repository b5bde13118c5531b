"""The use cases, one module each (short ones about webhooks share one), and the ports that they need from the world."""
