"""From plan to output: the writer, the release of a finished build, the command."""
