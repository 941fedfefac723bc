/*
 * The admin's password: what may be one, its hash on the config partition, and the entry of /etc/shadow that is
 * composed of it at each boot. All paths are below a root directory, so that tests have one of their own.
 */
#ifndef FW_SERVICES_ADMIN_H
#define FW_SERVICES_ADMIN_H

#include <stdbool.h>
#include <stddef.h>

#define ADMIN_USER         "admin"
#define ADMIN_HASH_FILE    "/config/auth/admin.shadow"
#define ADMIN_PASSWORD_MIN 8u
#define ADMIN_PASSWORD_MAX 128u
#define ADMIN_HASH_BYTES   256u

/* Why this can't be the password, for people; NULL: it can. Lends a constant. */
const char *admin_password_refused(const char *password);
/* False: the kernel gave no randomness, or the hash does not fit. */
bool admin_hash(const char *password, char out[ADMIN_HASH_BYTES]);
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
