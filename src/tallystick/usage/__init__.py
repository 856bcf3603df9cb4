"""The one event: what a billed call is, who made it, when, and how two views of it are recognised."""
