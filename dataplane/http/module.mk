src  := errors.c http1_scan.c http1_request.c http1_response.c http1_fields.c http1_chars.c http1_write.c http1_body.c
libs := fw/base
