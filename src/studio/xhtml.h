#pragma once

/*
 * XML and XHTML from books, through libxml2: no network, no external DTD, no
 * entities of the document's own. XHTML becomes paragraphs of text.
 */

#include <libxml/tree.h>

#include "base/buf.h"

/* ERR_CORRUPT names the part and the line; ERR_UNSUPPORTED when it declares entities. The caller
 * xmlFreeDoc()s it. */
xmlDoc *xml_parse(const struct buf *bytes, const char *name, struct err *err);

/* The same for a page: what is not well-formed is read as HTML, as reading devices do. */
xmlDoc *xhtml_parse(const struct buf *bytes, const char *name, struct err *err);

bool xml_is(const xmlNode *node, const char *name); /* an element of this local name, any case */
const xmlNode *xml_child(const xmlNode *parent, const char *name); /* the first; or NULL */
const xmlNode *xml_next(const xmlNode *node, const xmlNode *root); /* document order; or NULL */

/* An attribute by its local name, in any namespace; NULL when absent. Borrowed from the tree. */
const char *xml_attribute(const xmlNode *node, const char *name);

/* All text below a node, white space collapsed. */
void xml_append_text(const xmlNode *node, struct buf *out);

/* Is word one of a space-separated list ("toc landmarks")? list may be NULL. */
bool xml_list_has(const char *list, const char *word);

/* What a page tells while it is walked. */
struct xhtml_sink {
    void (*anchor)(void *state, const char *id); /* an element with an id begins */
    void (*paragraph)(void *state, const char *text, size_t length);
    void (*heading)(void *state, int level, const char *text, size_t length);
    void *state;
};

/* Footnotes and their marks, page numbers, tables of contents, scripts and pictures are left out.
 * An anchor is told before the text it stands in. */
void xhtml_walk(const xmlDoc *page, const struct xhtml_sink *sink);
