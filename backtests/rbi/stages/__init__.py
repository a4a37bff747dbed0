"""From an idea to results, one small module a stage. What goes into each and comes out of it is a row."""
