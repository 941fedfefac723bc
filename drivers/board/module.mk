src         := board_parse.c board_schema.c board_sensors.c board_check.c board_print.c board_host.c board_apply.c board_kernel.c
libs        := fw/abi fw/base
prog        := fairlead-board
prog_ldlibs := -lconfig
