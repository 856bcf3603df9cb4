-- Names that were given others: (what, old, shown), where `what` is `machine` or `account`.
SELECT what, old, shown FROM renamed ORDER BY what, old
