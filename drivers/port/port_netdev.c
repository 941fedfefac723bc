/*
 * Kernel interfaces by ioctl (netdevice(7), linux/ethtool.h): five figures for which netlink would
 * be a parser.
 */
#include "drivers/port/port_netdev.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static bool ethtool_ask(const struct port_netdev *dev, struct ifreq *ask, void *command);

enum err
port_netdev_open(const char *iface, struct port_netdev *out)
{
	struct ifreq ask = { 0 };
	int fd;

	if (strlen(iface) >= sizeof ask.ifr_name)
		return ERR_not_found;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return ERR_io;
	memcpy(ask.ifr_name, iface, strlen(iface));
	if (ioctl(fd, SIOCGIFINDEX, &ask)) {
		close(fd);
		return ERR_not_found;
	}
	*out = (struct port_netdev){ .fd = fd, .index = ask.ifr_ifindex };
	return ERR_ok;
}

void
port_netdev_close(struct port_netdev *dev)
{
	close(dev->fd);
	dev->fd = -1;
}

bool
port_netdev_state(const struct port_netdev *dev, struct port_netdev_state *out)
{
	struct ethtool_channels channels = { .cmd = ETHTOOL_GCHANNELS };
	struct ethtool_cmd settings = { .cmd = ETHTOOL_GSET };
	struct ethtool_value carrier = { .cmd = ETHTOOL_GLINK };
	struct ifreq ask = { .ifr_ifindex = dev->index };

	memset(out, 0, sizeof *out);
	if (ioctl(dev->fd, SIOCGIFNAME, &ask))
		return false;
	memcpy(out->iface, ask.ifr_name, sizeof out->iface);
	if (!ioctl(dev->fd, SIOCGIFFLAGS, &ask))
		out->admin_up = ask.ifr_flags & IFF_UP;
	/* Not IFF_RUNNING, which follows the carrier up to a second late. */
	out->link_up = out->admin_up && ethtool_ask(dev, &ask, &carrier) && carrier.data;
	if (!ioctl(dev->fd, SIOCGIFHWADDR, &ask))
		memcpy(out->mac, ask.ifr_hwaddr.sa_data, sizeof out->mac);
	if (!ioctl(dev->fd, SIOCGIFMTU, &ask))
		out->mtu_bytes = ask.ifr_mtu < UINT16_MAX ? (uint16_t)ask.ifr_mtu : UINT16_MAX;
	out->rx_queues = 1;
	if (ethtool_ask(dev, &ask, &channels) && channels.rx_count + channels.combined_count)
		out->rx_queues = (uint16_t)(channels.rx_count + channels.combined_count);
	if (ethtool_ask(dev, &ask, &settings) && ethtool_cmd_speed(&settings) <= INT32_MAX)
		out->speed_mbps = ethtool_cmd_speed(&settings);
	return true;
}

static bool
ethtool_ask(const struct port_netdev *dev, struct ifreq *ask, void *command)
{
	ask->ifr_data = command;
	return ioctl(dev->fd, SIOCETHTOOL, ask) == 0;
}
