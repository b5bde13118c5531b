"""What Octopus answers: cut into elements while it arrives, recognised, decoded, put into the words of the domain."""
