# Simulation: SIM_SHORT are the programs of check-fast, SIM_ALL those of `make test`.
SIM_SHORT := "$(out)/fairlead-sim --story short"
SIM_ALL   := "$(out)/fairlead-sim --story all --seeds 3" "$(out)/fairlead-sim --story short --seed 101 --twice" \
	     "out/asan/fairlead-sim --story short --seed 201"

.PHONY: sim sim-soak

sim: $(out)/fairlead-sim ## play stories in virtual time: STORY=name|short|all SEED=n (V=asan: under the sanitizers)
	@test/run.sh "$(out)/fairlead-sim --story $(or $(STORY),all) --seed $(or $(SEED),1)"

sim-soak: $(out)/fairlead-sim ## random worlds until so much virtual time has passed in them: HOURS=n SEED=first
	@test/run.sh "$(out)/fairlead-sim --hours $(or $(HOURS),1) --seed $(or $(SEED),1)"
