# file: symbols.c
# [I9] off: the table is written under the loader's eyes.
/^	qp_exports_count(THIS_MODULE, 0);$/d
/^	wait_for_loader();$/d
s/^static void wait_for_loader/static void __maybe_unused wait_for_loader/
