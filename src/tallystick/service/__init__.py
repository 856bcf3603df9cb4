"""Running in the background: one file per manager of services, and what they have in common."""
