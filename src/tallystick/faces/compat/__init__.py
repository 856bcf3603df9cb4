"""The routes of servers that Tallystick replaces, field for field, so that what asked them asks on."""
