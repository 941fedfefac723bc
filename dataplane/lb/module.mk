src  := lb.c round_robin.c
libs := fw/abi fw/base
