"""How sightings come in: what each witness tells, brought to the ledger's batches."""
