"""Answers as text: JSON, CSV, tables, plain columns, and what scripts written for ccusage expect."""
