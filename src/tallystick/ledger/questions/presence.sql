-- In which quarter-hours each context consumed something: (slot, context), in order of slot.
SELECT DISTINCT slot, context FROM usage WHERE slot >= :since AND slot < :until ORDER BY slot, context
