src  := generation.c stats.c health.c files.c
libs := fw/base
