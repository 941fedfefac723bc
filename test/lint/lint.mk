# Lint: LINT_CHECKS are the programs of check-fast, quick once they have seen a file; LINT_ALL adds what `make test` runs.
LINT_CHECKS := test/lint/includes.sh "test/lint/symbols.sh $(out)" "test/lint/compile.sh headers $(out)" \
	       test/lint/format.sh test/lint/tables.sh test/lint/conformance.sh test/lint/readmes.sh test/lint/tree.sh test/lint/scripts.sh \
	       test/lint/selftest.sh
LINT_ALL    := $(LINT_CHECKS) "test/lint/compile.sh clang $(out)"

lint: all ## the lint alone: directions, symbols, headers, format, tables, READMEs, tree, scripts
	@test/run.sh $(LINT_ALL)

sizes: ## how long functions and files are, for information
	@test/lint/sizes.sh
