# Quietpatch: live security fixes for a running Linux kernel.  `make help` lists the targets.
# Every tool is tools/NAME/*.c, of klp-build and klp-update tools/NAME/ROOM/*.c, over libklp (tools/lib/*.c); nothing is built
# in the source folders.

V		?= 0
BUILD		?= build
CC		?= gcc
CLANG		?= clang
ifneq ($(filter install,$(MAKECMDGOALS)),)
# The machine's own kernel gets the core module, unless told otherwise.
KREL		?= $(shell uname -r)
endif
KREL		?= 6.1.0-50-cloud-amd64
KLP_CACHE	?= /var/cache/quietpatch
PREFIX		?= /usr/local
FUZZ_SECONDS	?= 30
export KREL KLP_CACHE BUILD

VERSION		:= $(shell sed -n 's/^QP_VERSION := //p' kmod/Kbuild)
PKGS		:= libelf libzstd libcrypto jansson
# PKCS #11 itself, for keys in tokens; modules are loaded when they are asked for.
P11_CFLAGS	:= $(shell pkg-config --cflags p11-kit-1 2>/dev/null)
CFLAGS		?= -O2 -g
# Where "ROOM/NAME.h" is.
ROOMS		:= -Itools/klp-build
CFLAGS_ALL	= -std=c11 -D_GNU_SOURCE -DQP_VERSION='"$(VERSION)"' -Wall -Wextra -Werror -Wshadow \
		  -Wstrict-prototypes -Wmissing-prototypes -Wvla -fstack-protector-strong -D_FORTIFY_SOURCE=2 \
		  -Itools/lib $(ROOMS) -Ikmod/uapi -I$(BUILD)/gen $(P11_CFLAGS) $(CFLAGS)
LIBS		= -lelf -lzstd -lcrypto -ljansson
Q		:= $(if $(filter 1,$(V)),,@)
say		= $(if $(filter 1,$(V)),,@printf '  %-7s %s\n' $(1) $(2))

TOOLS		:= klp-build klp-apply klp-repo klp-update
LIBKLP		:= $(BUILD)/libklp.a
BINS		:= $(TOOLS:%=$(BUILD)/bin/%)

# What a tool needs beyond libklp.
LIBS_klp-build	:= -ldw -lbpf -lz
LIBS_klp-apply	:= -lbpf -lz -lm
LIBS_klp-repo	:= -lcurl
LIBS_klp-update	:= -lcurl -lsqlite3 -lseccomp
# Sources outside its own folder.
EXTRA_klp-apply	:= $(wildcard tools/klp-monitor/*.c)
EXTRA_klp-apply	:= $(filter-out %.bpf.c,$(EXTRA_klp-apply)) $(wildcard tools/tlog/*.c)
# Of the TUF client, the chain of roots alone.
EXTRA_klp-apply	+= $(addprefix tools/tuf/,roots.c metadata.c fields.c structure.c role.c verify.c canon.c key.c)
EXTRA_klp-update	:= $(wildcard tools/tuf/*.c tools/tlog/*.c)
# It reads folders only.
EXTRA_klp-repo	:= $(wildcard tools/tlog/*.c tools/tuf/*.c)

all: tools kmod ## build tools and core module

help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo "  Variables: KREL=$(KREL) KLP_CACHE=$(KLP_CACHE) T=pattern V=1 FUZZ_SECONDS=$(FUZZ_SECONDS)"

tools: $(BINS) $(BUILD)/bin/tuf-client ## build the tools into $(BUILD)/bin

objs		= $(patsubst %.c,$(BUILD)/obj/%.o,$(1))
LIB_OBJS	:= $(call objs,$(wildcard tools/lib/*.c))

$(LIBKLP): $(LIB_OBJS)
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar rcs $@ $^

$(BUILD)/obj/%.o: %.c | $(BUILD)/gen/.stamp
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D) && $(CC) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

# The TUF client is "tuf/NAME.h", the public log "tlog/NAME.h".
$(BUILD)/obj/tools/klp-update/%.o $(BUILD)/obj/selftests/unit/update/%.o $(BUILD)/obj/selftests/simulate/%.o: ROOMS := -Itools/klp-update -Itools

$(BUILD)/gen/.stamp:
	$(Q)mkdir -p $(@D) && touch $@

# It carries these inside.
$(call objs,tools/klp-build/compile/api.c): kmod/include/quietpatch_api.h kmod/uapi/quietpatch.h

define tool_rules
OBJS_$(1) := $$(call objs,$$(wildcard tools/$(1)/*.c tools/$(1)/*/*.c) $$(EXTRA_$(1)))
$(BUILD)/bin/$(1): $$(OBJS_$(1)) $$(LIBKLP)
	$$(call say,LD,$$@)
	$$(Q)mkdir -p $$(@D) && $$(CC) $$(CFLAGS) $$(LDFLAGS) -o $$@ $$(OBJS_$(1)) $$(LIBKLP) $$(LIBS) $$(LIBS_$(1))
endef
$(foreach t,$(TOOLS),$(eval $(call tool_rules,$(t))))

# The TUF client: a library, and the command that the conformance suite drives.  It isn't installed.
TUF_OBJS	:= $(call objs,$(wildcard tools/tuf/*.c))
LIBS_TUF	:= -lcurl
$(BUILD)/bin/tuf-client: $(call objs,selftests/tuf/client.c) $(TUF_OBJS) $(LIBKLP)
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D) && $(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS) $(LIBS_TUF)

# The public log: a library for klp-repo, which keeps it, and klp-apply, which asks for its proofs.
TLOG_OBJS	:= $(call objs,$(wildcard tools/tlog/*.c))

# For selftests that link a tool with one object of their own: what it is made of.
objects-of-%:
	@echo $(OBJS_$*) $(LIBKLP) $(LIBS) $(LIBS_$*)

# The monitor and the recorder: BPF object -> skeleton header, both generated.
BPF_SKELS	:= $(patsubst tools/klp-monitor/%.bpf.c,$(BUILD)/gen/%.skel.h,$(wildcard tools/klp-monitor/*.bpf.c))

$(BUILD)/gen/%.bpf.o: tools/klp-monitor/%.bpf.c $(wildcard tools/klp-monitor/*.h) kmod/uapi/quietpatch.h | $(BUILD)/gen/.stamp
	$(call say,BPF,$@)
	$(Q)$(CLANG) -g -O2 -Wall -Werror -target bpf -D__TARGET_ARCH_x86 -D__x86_64__ -D__BPF__ \
		-idirafter /usr/include/$(shell $(CC) -print-multiarch) -I$(BUILD)/gen -Ikmod/uapi -Itools/klp-monitor \
		-c $< -o $@.tmp && bpftool gen object $@ $@.tmp && rm -f $@.tmp

$(BUILD)/gen/%.skel.h: $(BUILD)/gen/%.bpf.o
	$(Q)bpftool gen skeleton $< name $*_bpf > $@

$(call objs,$(wildcard tools/klp-monitor/*.c)): $(BPF_SKELS)

kmod: tools ## build quietpatch.ko for KREL (prepares the target first)
	$(Q)scripts/build-kmod $(KREL) $(BUILD)/kmod/$(KREL)

# Unit tests: selftests/unit/ROOM/test_NAME.c, each a Check program over the objects of what its room is about, the
# fixtures that it uses, and libklp.
UNIT_SRCS	:= $(wildcard selftests/unit/*/test_*.c selftests/unit/build/*/test_*.c selftests/unit/update/*/test_*.c)
UNIT_BINS	:= $(UNIT_SRCS:selftests/%.c=$(BUILD)/%)
BUILDER_OBJS	:= $(filter-out %/main.o,$(OBJS_klp-build))
UPDATE_OBJS	:= $(filter-out %/main.o,$(OBJS_klp-update))
LIBS_UNIT	:= -lcheck -lsubunit -lrt -lm -lpthread

$(BUILD)/obj/selftests/unit/%.o: CFLAGS_ALL += -Iselftests/unit/fixtures

# Of an archive, a program gets what it asks for.
UNIT_FIXTURES	:= $(BUILD)/unit/fixtures.a
$(UNIT_FIXTURES): $(call objs,$(wildcard selftests/unit/fixtures/*.c selftests/unit/tuf/tuffix.c))
	$(call say,AR,$@)
	$(Q)mkdir -p $(@D) && rm -f $@ && ar rcs $@ $^

# ROOM, its objects, its libraries.
define unit_room
$(BUILD)/unit/$(1)/%: $(BUILD)/obj/selftests/unit/$(1)/%.o $(UNIT_FIXTURES) $(2) $(LIBKLP)
	$$(call say,LD,$$@)
	$$(Q)mkdir -p $$(@D) && $$(CC) $$(CFLAGS) -o $$@ $$^ $$(LIBS) $(3) $$(LIBS_UNIT)
endef
# ELF files are made with what klp-build writes them with.
$(eval $(call unit_room,lib,$(BUILDER_OBJS),$(LIBS_klp-build)))
$(eval $(call unit_room,build,$(BUILDER_OBJS),$(LIBS_klp-build)))
$(eval $(call unit_room,apply,$(filter-out %/main.o,$(OBJS_klp-apply)),$(LIBS_klp-apply)))
$(eval $(call unit_room,update,$(UPDATE_OBJS),$(LIBS_klp-update)))
$(eval $(call unit_room,repo,$(TLOG_OBJS)))
$(eval $(call unit_room,tlog,$(TLOG_OBJS)))
$(eval $(call unit_room,tuf,$(TUF_OBJS),$(LIBS_TUF) -lssl))
# What klp-apply makes of the client's roots.
$(BUILD)/unit/tuf/test_tuf_signers: $(call objs,tools/klp-apply/roots.c)

# A fetcher that somebody has taken over is a program of its own, with the TUF client but for its network.
$(BUILD)/unit/update/source/test_fetcher: $(call objs,selftests/unit/update/source/test_fetcher.c) $(UNIT_FIXTURES) \
		$(filter-out %/http.o %/address.o,$(TUF_OBJS)) $(LIBKLP)
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D) && $(CC) $(CFLAGS) -o $@ $^ $(LIBS) $(LIBS_UNIT)

# Over klp-update's decisions.
SIMULATE_OBJS	:= $(filter-out %/simulate.o,$(call objs,$(wildcard selftests/simulate/*.c)))
$(BUILD)/unit/update/run/test_simulate: $(SIMULATE_OBJS)
$(BUILD)/bin/simulate: $(call objs,selftests/simulate/simulate.c) $(SIMULATE_OBJS) $(UPDATE_OBJS) $(LIBKLP)
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D) && $(CC) $(CFLAGS) -o $@ $^ $(LIBS) $(LIBS_klp-update) -lm

# Preloaded into tools: a machine that dies, or a full disk, at a chosen call; a clock that is wrong.
$(BUILD)/unit/%.so: selftests/unit/fixtures/preload/%.c
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D) && $(CC) -std=gnu11 -D_GNU_SOURCE -O2 -Wall -Werror -shared -fPIC -o $@ $<
$(UNIT_BINS): | $(BUILD)/unit/faulty.so $(BUILD)/unit/clock.so

check: tools $(UNIT_BINS) ## unit tests: no root, under a minute
	$(Q)selftests/unit/run $(UNIT_BINS)

test: deps ## unit tests and VM selftests; installs what they need
	$(Q)selftests/run-all

selftest: tools ## VM selftests (T=pattern, KREL=kernel)
	$(Q)selftests/vm/run $(if $(T),-t '$(T)')

selftest-debug: tools ## VM selftests (T=pattern) on a kernel with KASAN, lockdep, kmemleak; makes it, once
	$(Q)scripts/debug-kernel target && selftests/check-intree && selftests/vm/run -k debug -t '$(or $(T),*)'

selftest-build: tools ## klp-build on changes of a real kernel, one for each construct (T=pattern, KREL=kernel)
	$(Q)selftests/build/run $(if $(T),-t '$(T)')

demo: deps ## the main job, on a real kernel and a real fix
	$(Q)$(MAKE) --no-print-directory tools && scripts/demo

selftest-select: tools ## random edits of headers: are all units that change chosen? (N=40 edits, SEED, KREL)
	$(Q)selftests/select/run $(or $(N),40) $(SEED)

bench: tools ## figures into selftests/bench/out/bench.json (T=pattern)
	$(Q)selftests/bench/run $(if $(T),-t '$(T)')

simulate: $(BUILD)/bin/simulate $(BUILD)/bin/klp-repo ## a rollout over a million machines, in virtual time (N=machines)
	$(Q)$(BUILD)/bin/simulate $(BUILD)/bin/klp-repo tools/klp-update/units/quietpatch-update.timer $(or $(N),1000000) $(BUILD)/fleet.svg

fuzz: ## each libFuzzer target for FUZZ_SECONDS
	$(Q)selftests/fuzz/run $(FUZZ_SECONDS)

lint: ## style and consistency checks
	$(Q)scripts/lint

deps: ## install the packages that are missing (root)
	$(Q)scripts/deps

install: all ## install tools, module sources and units under $(DESTDIR)$(PREFIX)
	$(Q)scripts/install "$(DESTDIR)" "$(PREFIX)"

uninstall: ## remove what install put there; keys, settings and state stay
	$(Q)scripts/install --remove "$(DESTDIR)" "$(PREFIX)"

deb: ## Debian packages into $(BUILD)/deb; lintian must be silent
	$(Q)scripts/deps && scripts/deb --lint

clean: ## remove what was built
	$(Q)rm -rf $(BUILD) selftests/bench/out

-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)
.PHONY: all help tools kmod check test selftest selftest-build selftest-select demo bench simulate fuzz lint deps install uninstall deb clean
.DELETE_ON_ERROR:
.SECONDARY:
