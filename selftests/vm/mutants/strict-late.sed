# file: strict.c
# The dry run stops nobody: what then bounds the pause is the clock that the walk looks at with the machine stopped.
s/if (dry.unclean || dry.late)/if (dry.unclean)/
