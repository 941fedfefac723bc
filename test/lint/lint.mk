# Lint: LINT_CHECKS are the programs of check-fast, quick once they have seen a file; LINT_ALL adds what `make test` runs.
LINT_CHECKS := test/lint/includes.py "test/lint/symbols.py $(out)" "test/lint/compile.py headers $(out)" \
	       test/lint/format.py test/lint/tables.py test/lint/readmes.py test/lint/tree.py test/lint/scripts.sh \
	       test/lint/selftest.sh
LINT_ALL    := $(LINT_CHECKS) "test/lint/compile.py clang $(out)"

lint: all ## the lint alone: directions, symbols, headers, format, tables, READMEs, tree, scripts
	@test/run.sh $(LINT_ALL)

sizes: ## how long functions and files are, for information
	@test/lint/sizes.py
