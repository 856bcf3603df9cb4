"""The proxy: passes the tools' traffic on as it comes, and has what providers answer counted on the way."""
