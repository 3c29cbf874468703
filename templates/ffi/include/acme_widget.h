/*
 * Takes netstrings out of a stream: messages behind their length, `5:hello,`.
 *
 * Memory    A decoder belongs to whoever made it, and goes back by acme_widget_free alone. Every other
 *           pointer stays the caller's: it is used during the call and kept by nobody.
 * Pointers  None may be NULL unless it says so. What is not NULL has to point to what it should; the three
 *           of one call must not overlap.
 * Threads   A decoder is used by one call at a time, from whatever thread. Different decoders have nothing
 *           in common.
 * Errors    A status below zero. No call ends the program, unless there is no memory left.
 */
#ifndef ACME_WIDGET_H
#define ACME_WIDGET_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The longest input of one call, and the longest message. */
#define ACME_WIDGET_MAX_INPUT 1048576
#define ACME_WIDGET_MAX_MESSAGE 65536

enum {
    ACME_WIDGET_OK = 0,
    /* A message is complete. */
    ACME_WIDGET_MESSAGE = 1,
    /* A pointer is NULL that must not be. */
    ACME_WIDGET_NULL_POINTER = -1,
    /* The input is longer than ACME_WIDGET_MAX_INPUT; nothing was read. */
    ACME_WIDGET_INPUT_TOO_LONG = -2,
    /* The buffer is smaller than the message; nothing was written to it. */
    ACME_WIDGET_BUFFER_TOO_SMALL = -3,
    /* No message is complete. */
    ACME_WIDGET_NO_MESSAGE = -4,
    /* The stream is no netstring; the decoder refuses all that follows. */
    ACME_WIDGET_INVALID = -5,
    /* A mistake in the library, which is worth a report; the decoder can only be freed. */
    ACME_WIDGET_PANIC = -6
};

typedef struct acme_widget_decoder acme_widget_decoder;

/* Makes a decoder. It belongs to the caller, who hands it to acme_widget_free once. Never NULL. */
acme_widget_decoder *acme_widget_new(void);

/* Frees a decoder, which must not be used after that. NULL is allowed, and does nothing. */
void acme_widget_free(acme_widget_decoder *decoder);

/*
 * Takes input up to the end of a message. *used becomes the number of bytes taken, 0 where it fails: what
 * is left is for the next call. `data` may be NULL where `length` is 0.
 *
 * ACME_WIDGET_OK: all was taken, and more is needed; a stream that ends here was cut off.
 * ACME_WIDGET_MESSAGE: acme_widget_message has a message, until the next byte is pushed.
 */
int32_t acme_widget_push(acme_widget_decoder *decoder, const uint8_t *data, size_t length, size_t *used);

/*
 * Copies the complete message into a buffer, and no NUL behind it. *length becomes the length of the
 * message, also where the buffer is too small for it; 0 where there is none. `buffer` may be NULL where
 * `capacity` is 0, which asks for the length.
 */
int32_t acme_widget_message(const acme_widget_decoder *decoder, uint8_t *buffer, size_t capacity, size_t *length);

#ifdef __cplusplus
}
#endif

#endif
