"""The shelf of providers: what the bytes of a request and its answer say about billed calls, without any I/O."""
