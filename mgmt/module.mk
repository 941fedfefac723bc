src  := candidate.c commit.c restore.c server.c store.c
libs := mgmt/cli mgmt/push mgmt/model fw/abi fw/base
prog := fairlead-mgmtd fairlead

# The tests of this module run the programs.
$(out)/unit/mgmt: | $(out)/fairlead-mgmtd $(out)/fairlead
# They share the fake data plane of mgmt/push.
$(out)/unit/mgmt: $(out)/obj/test/unit/mgmt/push/fixture.o
