# The allocation trap: built like what it is loaded into, but without a sanitizer, which has an allocator of its own.
TRAP_LIB   := $(out)/test/libtrap-malloc.so
TRAP_TESTS := "test/trap/test-trap.sh $(out)/test"

all lab-test: $(TRAP_LIB) $(out)/test/trap-victim

$(TRAP_LIB): test/trap/trap.c $(out)/flags
	@mkdir -p $(@D)
	@echo "  link  $@"
	@$(CC) -std=gnu11 -D_GNU_SOURCE -g -O2 -march=x86-64-v2 $(WARNINGS) -fPIC -shared -o $@ $<

# Without builtins: the compiler knows malloc and leaves out what it thinks has no effect.
$(out)/test/trap-victim: test/trap/victim.c $(out)/flags
	@mkdir -p $(@D)
	@echo "  link  $@"
	@$(CC) -std=gnu11 -D_GNU_SOURCE -g -O1 $(WARNINGS) -fno-builtin -rdynamic -o $@ $< -lpthread
