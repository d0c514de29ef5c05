# file: unwind_x86_64.c
# No BPF trampoline is known as one.
s/"bpf_trampoline_"/"none_"/
