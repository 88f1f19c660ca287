"""One description of a chart; the terminal, the exports and the tables are drawn from it."""
