# Fairlead. One Makefile, no recursion into folders: each module adds a few lines in its module.mk.
#
# On the host every target enters the Debian 13 build root (images/sdk) and runs there; inside it the
# rules below build into out/$(V)/, so that the variants stand side by side.
#
#   V=release  what ships            V=asan  AddressSanitizer and UBSan      V=cov  line and branch coverage
#   V=fuzz     as asan, by clang, for libFuzzer

SHELL         := /bin/bash
.DELETE_ON_ERROR:
MAKEFLAGS     += --no-builtin-rules
V             ?= release
HOST_TARGETS  := sdk sdk-lock shell help clean
.DEFAULT_GOAL := all

ifeq ($(wildcard /etc/fairlead-sdk),)
# ---------------------------------------------------------------------------------------- on the host
include images/sdk/sdk.mk
GOALS := $(filter-out $(HOST_TARGETS),$(or $(MAKECMDGOALS),all))

# One entry for all goals of a command line, so that the root is entered once.
ifneq ($(GOALS),)
.PHONY: $(GOALS) enter-root
$(GOALS): enter-root ; @:
enter-root:
	@images/sdk/enter.sh $(MAKE) --no-print-directory $(GOALS)
endif

else
# -------------------------------------------------------------------------------------- in the root
MODULES := fw/base fw/abi fw/rtnetlink drivers/port drivers/board \
	   dataplane/net dataplane/tcp dataplane/http dataplane/lb dataplane/health dataplane \
	   mgmt/model mgmt/push mgmt/cli mgmt/snmp mgmt/host mgmt fw/services \
	   images/initramfs test/sim test/fuzz test/lab test/bench test/bench/gen

out := out/$(V)

CC          := $(if $(filter fuzz,$(V)),clang,gcc)
WARNINGS    := -Wall -Wextra -Wshadow -Wmissing-prototypes -Wstrict-prototypes -Wno-unused-parameter -Werror
# rte_config.h fixes DPDK's compile-time limits; -march is DPDK's own baseline, x86-64-v2.
CPPFLAGS    := -I. -D_GNU_SOURCE -include rte_config.h $(shell pkg-config --cflags-only-I libdpdk)
CFLAGS      := -std=gnu11 -g -march=x86-64-v2 $(WARNINGS)
LDFLAGS     := -Wl,--gc-sections -Wl,-z,relro,-z,now
CFLAGS_release := -O2 -D_FORTIFY_SOURCE=2 -fstack-protector-strong -ffunction-sections -fdata-sections -DNDEBUG
CFLAGS_asan    := -O1 -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
CFLAGS_cov     := -O0 --coverage
# gcc's name for it tells our sources that there is an AddressSanitizer. Warnings are for the lint, which runs clang too.
CFLAGS_fuzz    := -O1 -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer \
		  -D__SANITIZE_ADDRESS__=1 -Wno-error
LDFLAGS_asan   := -fsanitize=address,undefined
LDFLAGS_cov    := --coverage
LDFLAGS_fuzz   := -fsanitize=address,undefined
CFLAGS      += $(CFLAGS_$(V))
LDFLAGS     += $(LDFLAGS_$(V))

VERSION     := $(shell git describe --always --dirty --match 'v*' 2>/dev/null || echo unknown)

# DPDK is linked statically and piece by piece: what is tested is what ships, a program starts without
# loading every driver of the distribution, and a driver that is not listed here is not in the firmware.
DPDK_PMDS := bus_vdev bus_pci mempool_ring net_af_xdp net_memif net_ring net_bond net_virtio net_e1000 net_ixgbe net_i40e
DPDK_LIBS := ip_frag hash rcu ethdev net meter mempool mbuf ring security cryptodev kvargs telemetry pci eal log timer
libdpdk   := -Wl,--whole-archive $(DPDK_PMDS:%=-l:librte_%.a) -Wl,--no-whole-archive \
	     -Wl,--start-group $(DPDK_LIBS:%=-l:librte_%.a) -Wl,--end-group \
	     -lxdp -lbpf -lnuma -lelf -lz -lm -ldl -lpthread

# A module.mk sets: src (files of the archive), libs (modules it links with, nearest first), prog (program
# names; PROG.c in the same folder holds main), prog_ldlibs (system libraries of programs that contain the module),
# uses_dpdk (1 where it does: only programs that contain such a module are linked with DPDK).
# Each is taken over into per-module variables before the next module's file is read.
define read_module
src :=
libs :=
prog :=
prog_ldlibs :=
uses_dpdk :=
-include $(1)/module.mk
src_$(1) := $$(src:%=$(1)/%)
libs_$(1) := $$(libs)
prog_$(1) := $$(prog)
ldlibs_$(1) := $$(prog_ldlibs)
dpdk_$(1) := $$(uses_dpdk)
endef
$(foreach m,$(MODULES),$(eval $(call read_module,$(m))))

obj      = $(patsubst %.c,$(out)/obj/%.o,$(1))
archive  = $(out)/lib/$(subst /,-,$(1)).a
# All modules below one, each once, dependants first (the linker's order).
closure  = $(eval seen :=)$(call walk,$(1))$(call reverse,$(seen))
walk     = $(foreach d,$(libs_$(1)),$(if $(filter $(d),$(seen)),,$(call walk,$(d))))$(eval seen := $(filter-out $(1),$(seen)) $(1))
reverse  = $(if $(1),$(call reverse,$(wordlist 2,$(words $(1)),$(1))) $(firstword $(1)))

# What a program with this module in it links beside the archives.
has_dpdk = $(strip $(foreach d,$(call closure,$(1)),$(dpdk_$(d))))
syslibs  = $(sort $(foreach d,$(call closure,$(1)),$(ldlibs_$(d)))) $(if $(call has_dpdk,$(1)),$(libdpdk))

MODULES_WITH_SRC := $(foreach m,$(MODULES),$(if $(src_$(m)),$(m)))
PROGS            := $(foreach m,$(MODULES),$(prog_$(m):%=$(out)/%))
UNIT_MODULES     := $(foreach m,$(MODULES),$(if $(wildcard test/unit/$(m)/test_*.c),$(m)))
UNIT_BINS        := $(foreach m,$(UNIT_MODULES),$(out)/unit/$(subst /,-,$(m)))

.PHONY: all progs units
all: progs units ## build the programs and the tests
progs: $(PROGS) $(foreach m,$(MODULES_WITH_SRC),$(call archive,$(m)))
units: $(UNIT_BINS)

# What everything is compiled with, written down only when it changed, so that a changed flag rebuilds.
$(shell mkdir -p $(out))
ifneq ($(file <$(out)/flags),$(CC) $(CPPFLAGS) $(CFLAGS))
$(file >$(out)/flags,$(CC) $(CPPFLAGS) $(CFLAGS))
endif

$(out)/obj/%.o: %.c $(out)/flags
	@mkdir -p $(@D)
	@echo "  cc    $<"
	@$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

define archive_rule
$(call archive,$(1)): $(call obj,$(src_$(1))) $(1)/module.mk
	@mkdir -p $$(@D)
	@rm -f $$@
	@ar rcs $$@ $$(filter %.o,$$^)
endef
$(foreach m,$(MODULES_WITH_SRC),$(eval $(call archive_rule,$(m))))

archives = $(foreach d,$(filter $(MODULES_WITH_SRC),$(call closure,$(1))),$(call archive,$(d)))

define prog_rule
$(out)/$(2): $(call obj,$(1)/$(2).c) $(call archives,$(1))
	@mkdir -p $$(@D)
	@echo "  link  $$@"
	@$(CC) $(LDFLAGS) -o $$@ $(call obj,$(1)/$(2).c) -Wl,--start-group $(call archives,$(1)) -Wl,--end-group $(call syslibs,$(1))
endef
$(foreach m,$(MODULES),$(foreach p,$(prog_$(m)),$(eval $(call prog_rule,$(m),$(p)))))

# A unit test binary a module: test/unit/MODULE/test_*.c, each exporting an array of the same name.
define unit_rule
$(out)/unit/$(subst /,-,$(1)): $(call obj,$(wildcard test/unit/$(1)/*.c)) $(out)/obj/unit_main/$(subst /,-,$(1)).o $(call archives,$(1))
	@mkdir -p $$(@D)
	@echo "  link  $$@"
	@$(CC) $(LDFLAGS) -o $$@ $$(filter %.o,$$^) -Wl,--start-group $(call archives,$(1)) -Wl,--end-group -lcunit $(call syslibs,$(1))
$(out)/obj/unit_main/$(subst /,-,$(1)).o: test/unit/unit_main.c test/unit/$(1) $(out)/flags
	@mkdir -p $$(@D)
	@$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -DUNIT_MODULE='"$(1)"' $(if $(call has_dpdk,$(1)),-DUNIT_DPDK) \
		-DUNIT_SUITES='$(foreach t,$(notdir $(basename $(wildcard test/unit/$(1)/test_*.c))),SUITE($(t)))' -c -o $$@ $$<
endef
$(foreach m,$(UNIT_MODULES),$(eval $(call unit_rule,$(m))))

# The commit is compiled into one file only, and only when it changed.
$(shell mkdir -p $(out) && printf '#define FAIRLEAD_VERSION "%s"\n' '$(VERSION)' | cmp -s - $(out)/version.h || \
	printf '#define FAIRLEAD_VERSION "%s"\n' '$(VERSION)' > $(out)/version.h)
$(out)/obj/fw/base/version.o: CPPFLAGS += -include $(out)/version.h
$(out)/obj/fw/base/version.o: $(out)/version.h

# ------------------------------------------------------------------------------------------- checks
.PHONY: check-fast check-unit lint sizes coverage format test compile-commands
include test/lint/lint.mk
include test/sim/sim.mk
include test/fuzz/fuzz.mk
include test/trap/trap.mk
include test/lab/lab.mk
include test/image/image.mk
include test/bench/bench.mk
include test/driver/driver.mk
include images/image.mk

CHECK_UNITS := $(if $(MODULE),$(out)/unit/$(subst /,-,$(MODULE)),$(UNIT_BINS))
check-unit: $(CHECK_UNITS) ## unit tests alone; MODULE=fw/base those of one module
	@test/run.sh $(CHECK_UNITS)

coverage: ## lines and branches that the unit tests reach; MODULE=fw/base those of one module
	@find out/cov -name '*.gcda' -delete 2>/dev/null || true
	@$(MAKE) --no-print-directory V=cov check-unit | tail -n 1
	@test/unit/coverage.sh $(MODULE)

format: ## rewrite all C files with clang-format
	@git ls-files -co --exclude-standard '*.c' '*.h' | xargs -P2 -n16 clang-format -i --style=file

# For clangd and other readers of C.
compile-commands: ## write out/compile_commands.json
	@for c in $(foreach m,$(MODULES),$(src_$(m)) $(prog_$(m):%=$(m)/%.c)); do \
		printf '%s{"directory":"%s","file":"%s","command":"%s -c %s"}' "$$comma" "$$PWD" $$c \
			'$(subst ",\\",$(CC) $(CPPFLAGS) $(CFLAGS))' $$c; comma=','; \
	done | sed '1s/^/[/; $$s/$$/]/' > out/compile_commands.json

check-fast: all ## lint, unit tests and the short simulation; under a minute once built
	@JOBS=2 test/run.sh $(SIM_SHORT) $(UNIT_BINS) $(LINT_CHECKS) $(FUZZ_SHORT)

test: all ## every test that CI runs: lint, unit, simulation, lab, a boot of the image; also under the sanitizers
	@$(MAKE) --no-print-directory V=asan all
	@test/run.sh $(LINT_ALL) $(UNIT_BINS) $(UNIT_BINS:$(out)/%=out/asan/%) $(SIM_ALL) $(FUZZ_REPLAY) $(TRAP_TESTS) $(DRIVER_TESTS) $(LAB_TESTS) $(LAB_AGAIN) $(IMAGE_SHORT) $(BENCH_TESTS)

-include $(shell find $(out)/obj -name '*.d' 2>/dev/null)
endif

.PHONY: help clean
help: ## this list
	@grep -hE '^[a-z-]+:.*## ' Makefile images/*.mk images/*/*.mk test/*/*.mk | sed -E 's/^([a-z-]+):.*## /\1\t/' | sort | expand -t 14

clean: ## remove everything built (the cached build root stays)
	rm -rf out
