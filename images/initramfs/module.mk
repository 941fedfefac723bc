# What of init can be tested without a machine; init itself is linked by images/image.mk.
src  := gpt.c cmdline.c verity.c
libs := fw/base
