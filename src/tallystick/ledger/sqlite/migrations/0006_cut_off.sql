-- Answers that broke off are few: they are counted without looking at every event.
CREATE INDEX events_cut_off ON events (context, requests) WHERE grade = 2;
