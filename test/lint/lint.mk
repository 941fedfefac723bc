# Lint: LINT_CHECKS are programs for test/run.sh.
LINT_CHECKS :=
