# Simulation: SIM_SHORT are the programs of check-fast, SIM_ALL those of `make test`.
SIM_SHORT :=
SIM_ALL   :=
