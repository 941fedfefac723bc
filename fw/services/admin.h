/*
 * The admin's password: what may be one, its hash on the config partition, and the entry of /etc/shadow that is
 * composed of it at each boot. All paths are below a root directory, so that tests have one of their own.
 */
#ifndef FW_SERVICES_ADMIN_H
#define FW_SERVICES_ADMIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ADMIN_USER         "admin"
#define ADMIN_DIR          "/config/auth"
#define ADMIN_HASH_FILE    ADMIN_DIR "/admin.shadow"
#define ADMIN_PASSWORD_MIN 8u
#define ADMIN_PASSWORD_MAX 128u
#define ADMIN_HASH_BYTES   256u
#define ADMIN_HASH_WRONG                                                                           \
	"it is no yescrypt hash ($y$...) of a password, as mkpasswd -m yescrypt makes them"

/* What fairlead-admin is asked through admin.sock (one packet), and what it answers. */
#define ADMIN_VERSION 1u

struct admin_request {
	uint32_t version;
	char hash[ADMIN_HASH_BYTES];
};

struct admin_reply {
	uint32_t version;
	uint32_t stored; /* 0 or 1 */
	char text[128];  /* 0: why not */
};

/* Why this can't be the password, for people; NULL: it can. Lends a constant. */
const char *admin_password_refused(const char *password);
/* False: the kernel gave no randomness, or the hash does not fit. */
bool admin_hash(const char *password, char out[ADMIN_HASH_BYTES]);
/* Whether it is one of a password that is not empty, and this system can check a password against it. Takes a while. */
bool admin_hash_usable(const char *hash);
/*
 * The stored hash. False: there is none, or it is no yescrypt hash (a cut or damaged file); then nobody has a
 * password.
 */
bool admin_read_hash(const char *root, char out[ADMIN_HASH_BYTES]);
/* Stores it, whole or not at all, readable by root alone. False: errno says why. */
bool admin_write_hash(const char *root, const char *hash);
/*
 * Writes etc/shadow anew with the admin's entry: this hash, or none ("*") where hash is NULL. Other entries stay.
 * False: errno says why.
 */
bool admin_compose_shadow(const char *root, const char *hash);
/* The piece of sshd's configuration that depends on it: passwords count once there is one. False: errno. */
bool admin_compose_sshd(const char *root, bool has_password);
/* Writes text to root + name, whole or not at all. False: errno says why. */
bool
admin_write(const char *root, const char *name, const char *text, size_t text_bytes, unsigned mode);

#endif
