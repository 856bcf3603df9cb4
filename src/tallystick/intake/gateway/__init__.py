"""The gateway: a base URL for tools, behind which their provider answers, byte for byte, while its calls are counted."""
