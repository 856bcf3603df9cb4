-- How much input was not understood: (number).
SELECT coalesce(sum(number), 0) AS n FROM skipped
