"""The data set of the run, given to a script in whatever shape the script expects its own file to have."""
