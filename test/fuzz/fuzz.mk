# Fuzzing. FUZZ_REPLAY runs the corpus under the sanitizers in `make test`, FUZZ_SHORT without them in check-fast.
# The engines are built in the variant V=fuzz, by clang with libFuzzer; each from the same archives.
FUZZ_REPLAY  := out/asan/fuzz-replay
FUZZ_SHORT   := $(out)/fuzz-replay
FUZZ_NAMES   := $(patsubst test/fuzz/fuzz_%.c,%,$(wildcard test/fuzz/fuzz_*.c))
FUZZ_ENGINES := $(FUZZ_NAMES:%=$(out)/engine-%)

.PHONY: fuzz fuzz-corpus fuzz-engines

fuzz: ## look for inputs that break a parser: MINUTES=15 a target, TARGET=name for one of them
	@$(MAKE) --no-print-directory V=fuzz fuzz-engines
	@MINUTES='$(or $(MINUTES),1)' test/fuzz/run.sh $(or $(TARGET),$(FUZZ_NAMES))

fuzz-corpus: ## take what `make fuzz` has found over into the corpus, and make that small: TARGET=name for one
	@$(MAKE) --no-print-directory V=fuzz fuzz-engines
	@test/fuzz/minimise.sh $(or $(TARGET),$(FUZZ_NAMES))

fuzz-engines: $(FUZZ_ENGINES)

$(out)/engine-%: $(out)/obj/engine/%.o $(call archives,test/fuzz)
	@echo "  link  $@"
	@$(CC) $(LDFLAGS) -fsanitize=fuzzer -o $@ $< -Wl,--start-group $(call archives,test/fuzz) -Wl,--end-group \
		$(call syslibs,test/fuzz)
$(out)/obj/engine/%.o: test/fuzz/engine.c $(out)/flags
	@mkdir -p $(@D)
	@$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -DFUZZ_TARGET=$* -c -o $@ $<
.PRECIOUS: $(out)/obj/engine/%.o
