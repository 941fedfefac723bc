src  := commit.c server.c
libs := mgmt/cli mgmt/push mgmt/model fw/abi fw/base
prog := fairlead-mgmtd fairlead
