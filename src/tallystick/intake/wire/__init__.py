"""What passes on the wire, whoever passes it on: decoded aside, told by a provider's watch, and put into a spool."""
