/*
 * The ports of the command line, at the start: which there are, and what the console is told of those that can't be had
 * and of whatever else keeps the data plane from its work (dataplane.status).
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "dataplane/control_priv.h"
#include "drivers/port/port.h"
#include "drivers/port/port_fault.h"

static enum err do_without(struct control *c, uint32_t port, const char *why);

bool
control_ports_mtu(const struct control_options *options, uint16_t *mtu_bytes)
{
	*mtu_bytes = 0;
	for (uint32_t i = 0; i < options->port_count; i++) {
		const struct control_port *wanted = &options->port[i];
		uint16_t of_port;

		if (port_spec_mtu(wanted->spec, &of_port)) {
			fprintf(stderr,
				"fairlead-dataplane: port %s (%s): mtu=68 to %u, in bytes\n",
				wanted->name, wanted->spec, PORT_MTU_MAX);
			return false;
		}
		*mtu_bytes = RTE_MAX(*mtu_bytes, of_port);
	}
	return true;
}

enum err
control_ports_open(struct control *c)
{
	char why[WHY_BYTES];

	for (uint32_t i = 0; i < c->options.port_count; i++) {
		const struct control_port *wanted = &c->options.port[i];
		enum err err = control_port_open(c, wanted, &c->ports[i], why);

		c->port_count++;
		if (err && strncmp(wanted->spec, "pci:", 4) == 0)
			err = do_without(c, i, why);
		if (err) {
			control_complain(c, "port %s (%s): %s", wanted->name, wanted->spec, why);
			return err;
		}
	}
	return ERR_ok;
}

/* For bonds, too. One dead card must not keep the others from forwarding. */
static enum err
do_without(struct control *c, uint32_t port, const char *why)
{
	struct control_port *wanted = &c->options.port[port];
	char again[WHY_BYTES];

	control_complain(c, "port %s (%s): %s; it counts as missing", wanted->name, wanted->spec,
			 why);
	if (snprintf(c->without[port], PORT_ABSENT_BYTES, "absent:%s", wanted->spec + 4) >=
	    PORT_ABSENT_BYTES)
		return ERR_too_long;
	wanted->spec = c->without[port];
	return control_port_open(c, wanted, &c->ports[port], again);
}

enum err
control_port_open(struct control *c, const struct control_port *wanted, struct port **out,
		  char why[WHY_BYTES])
{
	enum err err = port_open(wanted->name, wanted->spec, (uint16_t)c->options.workers, c->mbufs,
				 out, why, WHY_BYTES);

	if (!err && wanted->fault)
		err = port_fault_wrap(*out, wanted->fault, c->mbufs, out, why, WHY_BYTES);
	return err;
}

void
control_complain(struct control *c, const char *format, ...)
{
	size_t len = strlen(c->complaints), room = sizeof c->complaints - len;
	va_list args;
	int more;

	va_start(args, format);
	more = vsnprintf(c->complaints + len, room, format, args);
	va_end(args);
	if (more < 0 || (size_t)more + 1 >= room)
		c->complaints[len] = '\0'; /* there is no room for more */
	else
		strcpy(c->complaints + len + more, "\n");
	va_start(args, format);
	fputs("fairlead-dataplane: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
}

void
control_write_status(const struct control *c, const char *generation_why)
{
	char path[FILES_PATH_MAX], text[sizeof c->complaints + 2 * WHY_BYTES];
	int len = snprintf(text, sizeof text, "%s", c->complaints);

	if (!c->options.run_dir || !files_path(path, c->options.run_dir, FILES_DATAPLANE_STATUS))
		return;
	if (generation_why[0])
		len += snprintf(text + len, sizeof text - (size_t)len,
				"The configuration can't be used: %s\n", generation_why);
	if (len == 0)
		(void)unlink(path);
	else if (files_write_atomic(path, text, (size_t)len))
		fprintf(stderr, "fairlead-dataplane: can't write %s: %s\n", path, strerror(errno));
}
