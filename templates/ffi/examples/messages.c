/* Prints each netstring of standard input on a line of its own, in a frame: [hello]. */
#include <stdio.h>

#include "acme_widget.h"

static uint8_t message[ACME_WIDGET_MAX_MESSAGE];

static int32_t print(const acme_widget_decoder *decoder)
{
    size_t length;
    int32_t status = acme_widget_message(decoder, message, sizeof message, &length);
    if (status < 0)
        return status;
    putchar('[');
    fwrite(message, 1, length, stdout);
    fputs("]\n", stdout);
    return ACME_WIDGET_MESSAGE;
}

/* Pushes a whole piece of the stream. */
static int32_t push(acme_widget_decoder *decoder, const uint8_t *data, size_t left)
{
    int32_t status = ACME_WIDGET_OK;
    while (left > 0 && status >= 0) {
        size_t used;
        status = acme_widget_push(decoder, data, left, &used);
        data += used;
        left -= used;
        if (status == ACME_WIDGET_MESSAGE)
            status = print(decoder);
    }
    return status;
}

int main(void)
{
    uint8_t piece[4]; /* So small that most messages come in pieces. */
    size_t read;
    int32_t status = ACME_WIDGET_MESSAGE;
    acme_widget_decoder *decoder = acme_widget_new();
    while (status >= 0 && (read = fread(piece, 1, sizeof piece, stdin)) > 0)
        status = push(decoder, piece, read);
    acme_widget_free(decoder);
    if (status < 0)
        fprintf(stderr, "error: status %d\n", (int)status);
    else if (status == ACME_WIDGET_OK)
        fputs("error: the last message is cut off\n", stderr);
    return status != ACME_WIDGET_MESSAGE || ferror(stdin) || fflush(stdout) != 0;
}
