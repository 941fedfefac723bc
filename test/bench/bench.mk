# Benchmarks: ratios against peers in one run. They measure and judge nothing: no test fails by them, but for the
# instruction budget. It is the release build's: under the sanitizers there is nothing to count.
BENCH_TESTS := $(if $(filter release,$(V)),"test/bench/bench-instructions.sh check")

.PHONY: bench bench-wire bench-lb bench-punt bench-goodput bench-device bench-instructions bench-overload capacity \
	bench-micro bench-lookup bench-maglev bench-parse

bench: progs ## device, wire, lb and the small ones, and a table of what is aimed at: RUNS=3 RUN_S=3; TABLE=only of the last samples
	@V='$(V)' RUNS='$(RUNS)' RUN_S='$(RUN_S)' TABLE='$(TABLE)' test/bench/bench.sh

bench-wire: progs ## against HAProxy and nginx, AF_XDP over veth: RUNS=3 RUN_S=3 WORKLOADS='keepalive connect' SUBJECTS= IDLE=5000
	@V='$(V)' RUNS='$(RUNS)' RUN_S='$(RUN_S)' WORKLOADS='$(WORKLOADS)' SUBJECTS='$(SUBJECTS)' IDLE='$(IDLE)' test/bench/bench-wire.sh

bench-lb: progs ## instructions of a pick, each balancing method with 3, 30 and 1,000 members
	@V='$(V)' REQUESTS='$(REQUESTS)' test/bench/bench-lb.sh

bench-instructions: progs ## instructions of the box for a request, packet, turn: SCENARIO='keepalive-1k ...' TOP=25
	@SCENARIO='$(SCENARIO)' TOP='$(TOP)' test/bench/bench-instructions.sh table

bench-micro: bench-lookup bench-maglev bench-parse ## the three microbenchmarks

bench-lookup: $(out)/bench-lookup ## finding connections among 4 million, against DPDK's hash table
	@$<

bench-maglev: $(out)/bench-maglev ## building a Maglev table of 65,537 slots for 1,000 members
	@$<

bench-parse: $(out)/bench-parse ## parsing HTTP/1 heads, against llhttp
	@$<

bench-punt: progs ## what a flood at a service of the box costs load: RUNS=7, RUN_S=4 seconds, PER_SECOND=50000, BEAT_MS=50
	@V='$(V)' RUNS='$(RUNS)' RUN_S='$(RUN_S)' PER_SECOND='$(PER_SECOND)' BEAT_MS='$(BEAT_MS)' test/bench/bench-punt.sh

# Ten minutes and more: not one of `make bench`.
bench-goodput: progs ## goodput on bad links against Linux: DURATION=30 RUNS=5 SIDE=4 POINTS='1:20:download *:100:*' PCAP=
	@V='$(V)' DURATION='$(DURATION)' RUNS='$(RUNS)' SIDE='$(SIDE)' POINTS='$(POINTS)' PCAP='$(PCAP)' test/bench/bench-goodput.sh

bench-device: progs ## the balancer's own capacity, memif on both sides: RUNS=3 RUN_S=3 WORKLOADS='keepalive connect' RATE= IDLE=20000
	@V='$(V)' RUNS='$(RUNS)' RUN_S='$(RUN_S)' WORKLOADS='$(WORKLOADS)' RATE='$(RATE)' IDLE='$(IDLE)' test/bench/bench-device.sh

bench-overload: progs ## ten times the connections that are accepted: RUNS=3 RUN_S=3 SCENARIOS='processor members' TIMES=10 LIMIT=16 DELAY_MS=10 CONNS=
	@V='$(V)' RUNS='$(RUNS)' RUN_S='$(RUN_S)' SCENARIOS='$(SCENARIOS)' TIMES='$(TIMES)' LIMIT='$(LIMIT)' DELAY_MS='$(DELAY_MS)' CONNS='$(CONNS)' test/bench/bench-overload.sh

capacity: ## what the boards should do, by what was measured here: test/bench/capacity.md; RECORD=yes: with the last samples in out/bench
	@$(if $(RECORD),test/bench/capacity.sh record && test/bench/capacity.sh write,test/bench/capacity.sh table)
