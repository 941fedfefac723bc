/*
 * The administrator's password. It is asked for and hashed here; fairlead-admin, which has the right to, stores the hash
 * (fw/services/admin.h). A password never stands in a command: it would be seen on the screen and kept in the history of whoever
 * called. So without a terminal only a hash is taken.
 */
#include <string.h>
#include <unistd.h>

#include "fw/services/admin.h"
#include "fw/services/secret.h"
#include "mgmt/cli/cli.h"
#include "mgmt/push/ask.h"

#define TIMEOUT_MS 30000u

static enum cli_code store(struct cli *cli, const char *hash);

enum cli_code
cmd_set_admin_password(struct cli *cli, const struct cli_args *args)
{
	char password[SECRET_BYTES], hash[ADMIN_HASH_BYTES];
	const char *why = NULL;
	enum cli_code code = CLI_FAILED;

	if (!isatty(STDIN_FILENO)) {
		fprintf(cli->err,
			"a password is asked for on a terminal (ssh -t); without one give its "
			"hash: set admin password hash HASH\n");
		return CLI_FAILED;
	}
	switch (secret_ask(STDIN_FILENO, cli->out, password, &why)) {
	case SECRET_TAKEN:
		if (admin_hash(password, hash))
			code = store(cli, hash);
		else
			fprintf(cli->err, "the kernel gave no randomness; the old one stays\n");
		break;
	case SECRET_REFUSED:
		fprintf(cli->err, "this can't be the password: %s; the old one stays\n", why);
		break;
	case SECRET_CANCELLED:
	case SECRET_CLOSED:
		fprintf(cli->err, "the old password stays\n");
		break;
	}
	explicit_bzero(password, sizeof password);
	explicit_bzero(hash, sizeof hash);
	return code;
}

/* What is wrong with it fairlead-admin finds out. */
enum cli_code
cmd_set_admin_password_hash(struct cli *cli, const struct cli_args *args)
{
	return store(cli, args->word[0]);
}

static enum cli_code
store(struct cli *cli, const char *hash)
{
	struct admin_request request = { .version = ADMIN_VERSION };
	struct admin_reply reply = { 0 };
	size_t received = 0;
	enum err err;

	if (strlen(hash) >= sizeof request.hash) {
		fprintf(cli->err, "this can't be the hash: " ADMIN_HASH_WRONG "\n");
		return CLI_FAILED;
	}
	strcpy(request.hash, hash);
	err = ask(cli->run_dir, FILES_ADMIN_SOCKET, TIMEOUT_MS, &request, sizeof request, -1,
		  &reply, sizeof reply, &received);
	explicit_bzero(&request, sizeof request);
	if (err == ERR_ok && (received != sizeof reply || reply.version != ADMIN_VERSION))
		err = ERR_version;
	reply.text[sizeof reply.text - 1] = '\0';
	if (err == ERR_not_found)
		fprintf(cli->err, "nothing here stores a password: this is no appliance\n");
	else if (err != ERR_ok)
		fprintf(cli->err, "the password was not stored: %s\n", err_text(err));
	else if (!reply.stored)
		fprintf(cli->err, "the password was not set: %s\n", reply.text);
	return err == ERR_ok && reply.stored ? CLI_OK : CLI_FAILED;
}
