src := addr.c assert.c cpu.c err.c pool.c rng.c siphash.c str.c version.c wheel.c
