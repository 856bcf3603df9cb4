"""The web face: pages that are whole when they come, useful without any script."""
