/*
 * A line of a terminal in its canonical mode without echo (termios(3)). Signals are characters meanwhile: ^C ends the
 * question and not the program that asks, which may be the only one that can let anybody in.
 */
#include "fw/services/secret.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "fw/services/admin.h"

#define CANCEL 0x03 /* ^C */

static enum secret read_line(int fd, FILE *out, const char *prompt, char text[SECRET_BYTES]);
static enum secret read_answer(int fd, bool terminal, char text[SECRET_BYTES]);

enum secret
secret_ask(int fd, FILE *out, char text[SECRET_BYTES], const char **why)
{
	char again[SECRET_BYTES];
	enum secret result = read_line(fd, out, "New password for admin: ", text);

	*why = result == SECRET_TAKEN ? admin_password_refused(text) : NULL;
	if (result == SECRET_TAKEN && !*why) {
		result = read_line(fd, out, "Again: ", again);
		if (result == SECRET_TAKEN && strcmp(text, again) != 0)
			*why = "they are not equal; type it again";
	}
	explicit_bzero(again, sizeof again);
	if (result == SECRET_TAKEN && !*why)
		return SECRET_TAKEN;
	explicit_bzero(text, SECRET_BYTES);
	return *why ? SECRET_REFUSED : result;
}

static enum secret
read_line(int fd, FILE *out, const char *prompt, char text[SECRET_BYTES])
{
	struct termios before, quiet;
	bool terminal = tcgetattr(fd, &before) == 0;
	enum secret result;

	if (terminal) {
		quiet = before;
		quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL | ISIG | IEXTEN);
		quiet.c_lflag |= ICANON;
		quiet.c_iflag |= ICRNL;
		quiet.c_cc[VEOL] = CANCEL;
		(void)tcsetattr(fd, TCSAFLUSH, &quiet);
	}
	fputs(prompt, out);
	fflush(out);
	result = read_answer(fd, terminal, text);
	if (terminal)
		(void)tcsetattr(fd, TCSANOW, &before);
	fputc('\n', out);
	fflush(out);
	return result;
}

/* Byte by byte: what stands behind the line is not ours. Of one that is too long the rest is left out. */
static enum secret
read_answer(int fd, bool terminal, char text[SECRET_BYTES])
{
	struct termios now;
	size_t len = 0;
	char c;

	for (;;) {
		ssize_t got = read(fd, &c, 1);

		if (got < 0 && errno == EINTR)
			continue;
		if (got != 1) /* a terminal that is gone says the same as ^D */
			return terminal && tcgetattr(fd, &now) == 0 ? SECRET_CANCELLED
								    : SECRET_CLOSED;
		if (terminal && c == CANCEL)
			return SECRET_CANCELLED;
		if (c == '\n')
			break;
		if (len < SECRET_BYTES - 1)
			text[len++] = c ? c : 1; /* refused as the control character that it is */
	}
	if (len > 0 && text[len - 1] == '\r')
		len--;
	text[len] = '\0';
	return SECRET_TAKEN;
}
