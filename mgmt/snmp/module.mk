src         := agent.c cell.c mib.c mib_text.c rows.c
libs        := mgmt/cli mgmt/push mgmt/model fw/abi fw/base
prog        := fairlead-snmp fairlead-mib
prog_ldlibs := -lnetsnmpagent -lnetsnmp

# What managers load is made from the same tables as the answers.
progs: $(out)/FAIRLEAD-MIB
$(out)/FAIRLEAD-MIB: $(out)/fairlead-mib
	@echo "  mib   $@"
	@$< > $@

# The tests of this module run the program.
$(out)/unit/mgmt-snmp: | $(out)/fairlead-snmp
