# Benchmarks: ratios against peers in one run. They measure and judge nothing: no test fails by them.

.PHONY: bench bench-http

bench: bench-http ## all benchmarks, one after the other

bench-http: progs ## requests and CPU time against HAProxy: RUNS=5 times RUN_S=6 seconds
	@V='$(V)' RUNS='$(RUNS)' RUN_S='$(RUN_S)' test/bench/bench-http.sh
