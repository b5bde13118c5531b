"""The mutations: each lets one use case decide, and renders every outcome of it."""
