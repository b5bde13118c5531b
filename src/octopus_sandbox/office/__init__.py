"""Those who keep the books while the sandbox runs."""
