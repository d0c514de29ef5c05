# file: left.h
# [I12] off: stragglers run what everybody else does.
s/^	if (likely(!left))$/	if (1 || likely(!left))/
