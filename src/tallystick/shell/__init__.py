"""The environment of coding tools: which variables lead them through the proxy, in the words of each shell."""
