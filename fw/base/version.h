/* What this build calls itself: `git describe` at build time. */
#ifndef FW_BASE_VERSION_H
#define FW_BASE_VERSION_H

extern const char fairlead_version[];

#endif
