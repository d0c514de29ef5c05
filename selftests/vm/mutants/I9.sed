# file: symbols.c
# [I9] off: no entry is compared, and what was bound stays bound.
s/^		ret = check_symbol(&syms\[i\], strings, len);$/		ret = 0;/
/^static int check_symbol(/i static int check_symbol(const struct qp_sym_desc *s, const char *strings, unsigned int len) __maybe_unused;
/^	qp_exports_count(THIS_MODULE, nr_own);$/d
