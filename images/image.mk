# Bootable images. BOARD is a folder of board/; SQUASHFS_LEVEL=3 packs fast and larger, for tests.
INIT        := $(out)/initramfs/init
IMAGE_PROGS := $(filter $(shell sed -nE 's,^(fairlead[^ \t]*).*,$(out)/\1,p' images/root/programs.txt),$(PROGS))

.PHONY: image image-lock image-reproducible image-contents
image: $(IMAGE_PROGS) $(INIT) ## a bootable disk image in out/images/BOARD: BOARD=qemu-q35 [SQUASHFS_LEVEL=3] [STRICT=1]
	@SQUASHFS_LEVEL=$(SQUASHFS_LEVEL) STRICT=$(STRICT) images/image.sh "$(BOARD)" $(INIT)

image-lock: ## resolve images/root/packages.txt anew and write packages.lock
	@images/root/packages.sh lock

image-contents: image ## what the image holds and must not hold: BOARD=qemu-q35
	@test/run.sh "test/image/contents.sh $(BOARD)"

image-reproducible: ## two builds of the commit in two folders are the same: BOARD=qemu-q35
	@SQUASHFS_LEVEL=$(SQUASHFS_LEVEL) test/run.sh "images/reproducible.sh $(BOARD)"

# The first process: static, for there is no library where it starts. The sanitizers can't do that.
$(INIT): $(call obj,images/initramfs/init.c images/initramfs/disk.c images/initramfs/dm.c) $(call archive,images/initramfs)
	@mkdir -p $(@D)
	@echo "  link  $@"
	@$(CC) $(LDFLAGS) -static -o $@ $^

all: $(if $(filter release,$(V)),$(INIT))
