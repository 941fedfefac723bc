# Targets of the booted image. IMAGE_SHORT is what `make test` runs of it.

IMAGE_ENV   = V=$(V) BOARD=$(BOARD)
IMAGE_SHORT = test/image/contents-test.sh test/image/short.sh

.PHONY: boot test-image
boot test-image: BOARD := $(or $(BOARD),qemu-q35)

boot: progs ## boot BOARD's image in the lab, its serial console on the terminal: Ctrl-] leaves it
	@$(IMAGE_ENV) test/image/boot.sh

test-image: image ## make and boot BOARD's image and test it: TESTS="10-first-boot 30-e1000e" for some of them
	@test/run.sh $(if $(TESTS),,test/image/contents-test.sh "test/image/contents.sh $(BOARD)") \
		"$(strip env $(IMAGE_ENV) test/image/run-tests.sh $(TESTS))"
