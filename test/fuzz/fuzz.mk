# Fuzzing: FUZZ_REPLAY are the programs that replay the corpus in `make test`.
FUZZ_REPLAY :=
