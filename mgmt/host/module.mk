src  := addresses.c beat.c
libs := mgmt/push mgmt/model fw/rtnetlink fw/abi fw/base
prog := fairlead-management fairlead-watchdog

# The tests of this module run the program.
$(out)/unit/mgmt-host: | $(out)/fairlead-watchdog
