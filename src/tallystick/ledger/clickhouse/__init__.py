"""A ledger on ClickHouse, for more than one machine can hold.

What keeps its promise there:

The truth is what was told: sightings, prompts, calls, readings and all else are plain inserts of rows that are never changed, so
that any node writes them without looking, in any order and as often as it likes (`telling`). Numbers of contexts, variants,
sources and events are hashes of what they stand for (`numbers`): no node has to ask another one for the next number.

An addition stands when its own row does, after all others: it names the keys, sources and sessions that it touches.
What was told of an addition that broke off is in no answer, but for rows that the same addition, told again, brings anyway.

Who has the turn (`turns`) goes through the additions that are not settled (`settling`). Keys with one sighting become events within
the engine; those with several are read, settled as in every ledger (`contested`), and what differs is written with the number
of the round, which only grows: of two rows the later round's holds, and one that no longer holds says so. Sums are worked out
anew for the quarter-hours that a round touches, from the events without their older rows, never while rows come in.

A round first writes what it is about to touch. If it breaks off, its additions are not settled yet, and the next round sees to
all that the broken one may have left half done. So nothing is lost, and nothing counts twice.

The number of a round begins with that of the turn, so that what a later holder wrote holds against what an earlier one, paused
and woken, writes after it. Before each write a holder looks whether it still is one; where it is not, all that its round touched is
added once more to what is to be settled.

An addition is answered when it is settled, by whomever, and questions are asked between two rounds (`steady`): so what one node
acknowledged is in the next answer of any node, and no answer holds half a round.
"""
