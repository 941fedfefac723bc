/* fairlead-mib: writes the MIB module's text to stdout. Run at build time. */
#include "mgmt/snmp/mib.h"

int
main(void)
{
	return mib_write(stdout) ? 0 : 1;
}
