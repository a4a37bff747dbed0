"""What keys are used for: counted in every process, written as batches, folded into hourly rows, read as reports."""
