src       := packet_port.c
libs      := drivers/port
prog      := fairlead-bump syn-flood
uses_dpdk := 1
