# libfairlead-tcp.so: the TCP core with sockets around it, for test drivers from outside. It lies in out/test whatever V is,
# made as the product's release objects are, but for -fPIC; DPDK is in it.
DRIVER_LIB     := out/test/libfairlead-tcp.so
DRIVER_TALK    := out/test/driver-talk
DRIVER_TESTS   := test/driver/test-driver.sh
DRIVER_MODULES := dataplane/tcp dataplane/net fw/abi fw/base
DRIVER_CC      := gcc -std=gnu11 -g -march=x86-64-v2 $(WARNINGS) $(CFLAGS_release)

driver_objs    = $(patsubst %.c,out/test/obj/%.o,$(1))
DRIVER_OBJS    := $(call driver_objs,$(filter-out %/driver-talk.c,$(wildcard test/driver/*.c)) test/sim/pool_ops.c)
DRIVER_ARCHIVE := out/test/obj/stack.a

.PHONY: driver check-driver
all: driver
driver: $(DRIVER_LIB) $(DRIVER_TALK) ## build out/test/libfairlead-tcp.so, the TCP core for test drivers from outside
check-driver: driver ## conversations with out/test/libfairlead-tcp.so
	@test/run.sh $(DRIVER_TESTS)

out/test/obj/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(DRIVER_CC) $(CPPFLAGS)' | cmp -s - $@ || echo '$(DRIVER_CC) $(CPPFLAGS)' > $@
.PHONY: FORCE
FORCE:

out/test/obj/%.o: %.c out/test/obj/flags
	@mkdir -p $(@D)
	@echo "  cc    $< (-fPIC)"
	@$(DRIVER_CC) $(CPPFLAGS) -fPIC -MMD -MP -c -o $@ $<

$(DRIVER_ARCHIVE): $(foreach m,$(DRIVER_MODULES),$(call driver_objs,$(filter-out %/version.c,$(src_$(m)))))
	@rm -f $@
	@ar rcs $@ $^

$(DRIVER_LIB): $(DRIVER_OBJS) $(DRIVER_ARCHIVE) test/driver/fairlead-tcp.map
	@echo "  link  $@"
	@gcc -shared -Wl,--gc-sections -Wl,-z,relro,-z,now -Wl,-z,defs -Wl,--version-script=test/driver/fairlead-tcp.map \
		-o $@ $(DRIVER_OBJS) $(DRIVER_ARCHIVE) $(libdpdk)

# As a driver from outside is: it has the header and nothing else of ours.
$(DRIVER_TALK): test/driver/driver-talk.c test/driver/fairlead-tcp.h
	@mkdir -p $(@D)
	@echo "  link  $@"
	@gcc -std=c11 -D_POSIX_C_SOURCE=200809L -g -O1 $(WARNINGS) -I. -o $@ $< -ldl

-include $(shell find out/test/obj -name '*.d' 2>/dev/null)
