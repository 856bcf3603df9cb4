"""The ledger: every event once, settled from all its sightings, with sums by quarter-hour kept in step."""
