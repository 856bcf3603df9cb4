"""The routes under /api/v1, a file for each of the things that can be asked for."""
