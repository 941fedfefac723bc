src       := packet_port.c
libs      := drivers/port
prog      := fairlead-bump
uses_dpdk := 1
