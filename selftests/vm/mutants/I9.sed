# file: symbols.c
# [I9] off: no entry is compared, and what was bound stays bound.
s/^		ret = check(&syms\[i\], strings, len);$/		ret = 0;/
/^static int check(/i static int check(const struct qp_sym_desc *s, const char *strings, unsigned int len) __maybe_unused;
/^	qp_exports_count(THIS_MODULE, nr_own);$/d
