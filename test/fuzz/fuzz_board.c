/*
 * A board file: whatever its bytes are, it is refused with reasons or good as a whole, and what is good can be printed.
 */
#include <string.h>

#include "drivers/board/board.h"
#include "test/fuzz/fuzz.h"

static void run(const uint8_t *data, size_t size);

const struct fuzz_target fuzz_board = { .name = "board", .run = run };

static void
run(const uint8_t *data, size_t size)
{
	static struct board board;
	struct board_errors errors = { 0 };
	char text[4096] = "";
	FILE *out;

	if (!board_parse((const char *)data, size, &board, &errors) ||
	    !board_check(&board, &errors)) {
		ASSERT(errors.count > 0 && errors.count <= BOARD_ERRORS);
		for (uint32_t i = 0; i < errors.count; i++)
			ASSERT(errors.error[i].text[0]);
		return;
	}
	ASSERT(errors.count == 0 && board.ports_count >= 1 && board.ports_count <= BOARD_PORTS);
	ASSERT(board.cores.workers.count >= 1 && board.cores.workers.count <= LIMIT_WORKERS);
	out = fmemopen(text, sizeof text - 1, "w");
	ASSERT(out);
	ASSERT(board_print(&board, "kernel-arguments", out));
	fclose(out);
	ASSERT(strncmp(text, "console=tty0\n", 13) == 0 && !strpbrk(text, "\"'$`;"));
}
