"""The certificate of our own: the authority that signs for the proxy, what trusts it, and the bundle that programs are given."""
