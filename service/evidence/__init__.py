"""Published evidence tables: the printed counts, with corrections as errata."""
