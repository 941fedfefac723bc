src  := lb.c place.c bits.c round_robin.c random_of_two.c least_connections.c hash.c check.c
libs := fw/abi fw/base
