#pragma once

/* A models folder, a web server with faults (http_server.py) and an npm client without a network
 * (fake_npm), for the tests of pulling. */

#include "check.h"

#include <sys/types.h>

#include "models/pull.h"

struct fixture {
    char *models;   /* the models folder */
    char *packages; /* where fake_npm finds tarballs */
    char *events;   /* what the last pull told, a line each; owned */
    struct cancel cancel;
    bool cancels_on_bytes;   /* Ctrl-C as soon as bytes arrive */
    bool cancels_on_waiting; /* or as soon as another process is waited for */
    int event_pipe;          /* -1, or where each event's first letter goes */
    long stall_s;

    int port;
    pid_t server;
    int server_input; /* the server ends when this is closed */
};

int fixture_setup(void **state);
int fixture_teardown(void **state);

/* The bytes that the server sends, and their checksum (the caller's). */
char *fixture_pattern(size_t size);
char *fixture_sha256(size_t size);

/* A catalogue with one entry "model" of one file "model/a.bin": size 0 and sha256 NULL mean not
 * known. A source is a path on the server or "npm:package@version:member+member". */
struct catalogue *fixture_catalogue(struct fixture *fixture, size_t size, const char *sha256,
                                    const char *first_source, const char *second_source);

/* The same from a JSON array of entries, with %d for the server's port. */
struct catalogue *fixture_catalogue_of(struct fixture *fixture, const char *models_format);

/* Makes PACKAGE.tgz for fake_npm out of members (name, size, name, size, …, NULL), whose bytes are
 * the pattern's, and remembers its integrity for the catalogues that are made later. */
void fixture_package(struct fixture *fixture, const char *package, ...);
void fixture_package_is_changed(struct fixture *fixture, const char *package); /* by a byte */

bool fixture_pull(struct fixture *fixture, const struct catalogue *catalogue, struct err *err);

char *fixture_get(struct fixture *fixture, const char *path);  /* from the server; the caller's */
char *fixture_file(struct fixture *fixture, const char *name); /* its path in the models folder */

/* All files of the models folder, sorted, with their sizes: "model/a.bin 10\n" (the caller's). */
char *fixture_tree(struct fixture *fixture);
void fixture_check_tree(struct fixture *fixture, const char *expected);

/* The file's bytes are the pattern's. */
void fixture_check_content(struct fixture *fixture, const char *name, size_t size);
