"""Questions and answers: a period, filters and a grouping in; priced rows with their coverage out."""
