/*
 * The only file that sees the commit, so that a new commit recompiles one file.
 */
#include "fw/base/version.h"

const char fairlead_version[] = FAIRLEAD_VERSION;
