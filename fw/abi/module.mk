src  := generation.c services.c stats.c health.c ledger.c files.c conn_fields.c tap.c
libs := fw/base
