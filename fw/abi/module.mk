src  := generation.c stats.c health.c ledger.c files.c
libs := fw/base
