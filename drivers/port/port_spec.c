/*
 * Parsing of port specs (see port_spec.h). Strict: what is not understood in full is refused, the
 * caller says what would have been right.
 */
#include "drivers/port/port_spec.h"

#include "fw/base/assert.h"

#define MILLION      UINT64_C(1000000)
#define TIME_MAX_US  (3600 * MILLION)
#define DIGITS_MAX   9 /* before the point */
#define DECIMALS_MAX 6

struct unit {
	const char *name;
	uint64_t size;
};

static bool split_figure(struct str text, uint64_t *millionths, struct str *unit);
static bool with_unit(struct str text, const struct unit *units, size_t count, uint64_t *out);

bool
port_spec_next(struct str *rest, struct port_option *out)
{
	const char *comma, *equals;
	size_t len;

	if (!rest->len)
		return false;
	comma = memchr(rest->at, ',', rest->len);
	len = comma ? (size_t)(comma - rest->at) : rest->len;
	equals = memchr(rest->at, '=', len);
	out->key = (struct str){ rest->at, equals ? (size_t)(equals - rest->at) : len };
	out->value = (struct str){ NULL, 0 };
	if (equals)
		out->value = (struct str){ equals + 1, len - out->key.len - 1 };
	rest->at += len + (comma != NULL);
	rest->len -= len + (comma != NULL);
	return true;
}

bool
port_spec_share(struct str text, uint32_t *parts_per_million)
{
	uint64_t millionths;
	struct str unit;

	if (!split_figure(text, &millionths, &unit) || !str_equal(unit, STR("%")) ||
	    millionths > 100 * MILLION)
		return false;
	*parts_per_million = (uint32_t)(millionths / 100);
	return true;
}

bool
port_spec_time(struct str text, uint64_t *us)
{
	static const struct unit units[] = { { "us", 1 }, { "ms", 1000 }, { "s", MILLION } };
	uint64_t value;

	if (!with_unit(text, units, ARRAY_SIZE(units), &value) || value > TIME_MAX_US)
		return false;
	*us = value;
	return true;
}

bool
port_spec_rate(struct str text, uint64_t *bits_per_second)
{
	static const struct unit units[] = {
		{ "bit", 1 }, { "kbit", 1000 }, { "mbit", MILLION }, { "gbit", 1000 * MILLION }
	};
	uint64_t value;

	if (!with_unit(text, units, ARRAY_SIZE(units), &value) || !value)
		return false;
	*bits_per_second = value;
	return true;
}

bool
port_spec_bytes(struct str text, uint64_t *bytes)
{
	static const struct unit units[] = { { "b", 1 }, { "kb", 1000 }, { "mb", MILLION } };
	uint64_t value;

	if (!with_unit(text, units, ARRAY_SIZE(units), &value) || !value)
		return false;
	*bytes = value;
	return true;
}

static bool
with_unit(struct str text, const struct unit *units, size_t count, uint64_t *out)
{
	uint64_t millionths;
	struct str unit;

	if (!split_figure(text, &millionths, &unit))
		return false;
	for (size_t i = 0; i < count; i++) {
		if (!str_equal(unit, str_from(units[i].name)))
			continue;
		if (millionths > UINT64_MAX / units[i].size)
			return false;
		*out = millionths * units[i].size / MILLION;
		return true;
	}
	return false;
}

/*
 * "2.5gbit" into 2500000 millionths and "gbit". At least one digit before the point and after it.
 */
static bool
split_figure(struct str text, uint64_t *millionths, struct str *unit)
{
	uint64_t value = 0, place = MILLION;
	size_t i = 0, point;

	for (; i < text.len && text.at[i] >= '0' && text.at[i] <= '9'; i++)
		value = i < DIGITS_MAX ? value * 10 + (uint64_t)(text.at[i] - '0') : value;
	if (!i || i > DIGITS_MAX)
		return false;
	value *= MILLION;
	if (i < text.len && text.at[i] == '.') {
		point = i++;
		for (; i < text.len && text.at[i] >= '0' && text.at[i] <= '9'; i++)
			value += (uint64_t)(text.at[i] - '0') * (place /= 10);
		if (i == point + 1 || i > point + 1 + DECIMALS_MAX)
			return false;
	}
	*millionths = value;
	*unit = (struct str){ text.at + i, text.len - i };
	return true;
}
