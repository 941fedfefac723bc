# Targets of the lab. LAB_TESTS is what `make test` runs of it.

LAB_ENV   = V='$(V)' CONFIG='$(CONFIG)' FAULT='$(FAULT)' WORKERS='$(WORKERS)'
LAB_TESTS = test/lab/run-tests.sh
LAB_AGAIN = 'env FAMILY=6 WORKERS=2 test/lab/run-tests.sh --again'

.PHONY: lab-up lab-down lab-status lab-test lab-loss test-matrix soak cli run

run: progs ## balance real traffic in the lab: a demonstration that checks itself, on a terminal the CLI
	@$(LAB_ENV) test/lab/demo.sh

lab-up: progs ## start the lab: CONFIG=file FAULT='p0:loss=2%,delay=20ms p1:...' WORKERS=n
	@$(LAB_ENV) test/lab/lab.sh up

lab-down: ## end the lab and remove all of it, also after a crash
	@test/lab/lab.sh down

lab-status: ## who holds the lab and what runs in it
	@test/lab/lab.sh status

cli: ## the appliance's command line in the lab: CMD="show pools", or interactive
	@$(LAB_ENV) test/lab/cli.sh $(if $(CMD),'$(CMD)')

lab-test: progs ## the lab's tests alone: TESTS="10-requests 40-wrk" for some of them
	@test/run.sh "$(strip $(LAB_TESTS) $(TESTS))"

test-matrix: progs ## the lab's tests over IPv4, IPv6 and both, with 1, 2 and 4 workers: FAMILIES="6" WORKERS="2 4" for some
	@test/run.sh $(foreach w,$(or $(WORKERS),1 2 4),$(foreach f,$(or $(FAMILIES),4 6 both),'env FAMILY=$f WORKERS=$w test/lab/run-tests.sh'))

lab-loss: progs ## the long transfers through 2% loss: 100 MB, and 100 times 10 MB, both ways
	@test/run.sh "test/lab/run-tests.sh --long 51-loss-full"

soak: progs ## mixed traffic, commits and failures in the lab, then everything is counted: MINUTES=60 SEED=1 EVENTS='commit killed' WORKERS=n
	@V='$(V)' WORKERS='$(WORKERS)' MINUTES='$(MINUTES)' SEED='$(SEED)' EVENTS='$(EVENTS)' test/lab/soak.sh
