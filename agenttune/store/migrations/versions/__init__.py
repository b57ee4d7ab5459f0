"""One file per schema; revisions are numbers in order."""
