#include "studio/xhtml.h"

#include <libxml/HTMLparser.h>
#include <libxml/parser.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/utf8.h"
#include "studio/epub_zip.h"

/* Limits of libxml2 itself (depth 256, amplification) stay on: no XML_PARSE_HUGE. Without
 * XML_PARSE_NOENT and XML_PARSE_DTDLOAD nothing is substituted or fetched. With XML_PARSE_NODICT its
 * dictionary has names only, and no short texts. */
#define XML_OPTIONS                                                                                \
    (XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NOCDATA |               \
     XML_PARSE_NODICT)
#define HTML_OPTIONS                                                                               \
    (HTML_PARSE_NONET | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_RECOVER)

/* Bytes of all different names in one part. At an element's end libxml2's strict parser compares each
 * attribute with all others (2.9.14). Books have some dozens of names. */
#define NAMES_MAX 8192

/* HTML trees of the recovering parser may be deeper than those of the strict one. */
#define DEPTH_MAX 256

/* What a parser is given of a part, piece by piece, and for how long. libxml2 has loops whose time grows
 * with the square of what they read (2.9.14: attributes in HTML, "--" in comments), so that some MB
 * could take an hour. Ordinary parts take a fortieth of this. */
#define PART_SECONDS 0.05
#define MEGABYTE_SECONDS 1.0

struct reading {
    const struct buf *bytes;
    size_t at;
    double until; /* of the thread's processor time, s */
    bool is_late;
};

static double thread_seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static struct reading reading_begin(const struct buf *bytes)
{
    double seconds = PART_SECONDS + MEGABYTE_SECONDS * (double)bytes->len / 1e6;

    return (struct reading){ .bytes = bytes, .until = thread_seconds() + seconds };
}

/* libxml2's xmlInputReadCallback. */
static int read_on(void *context, char *out, int size)
{
    struct reading *reading = context;
    size_t left = reading->bytes->len - reading->at;
    size_t given = left < (size_t)size ? left : (size_t)size;

    reading->is_late = reading->is_late || thread_seconds() > reading->until;
    if (reading->is_late)
        return -1;
    if (given > 0)
        memcpy(out, reading->bytes->data + reading->at, given);
    reading->at += given;
    return (int)given;
}

static void refuse_late(const char *name, struct err *err)
{
    err_set(err, ERR_UNSUPPORTED, "%s is built in a way that takes too long to read.", name);
}

static bool declares_entities(const xmlDoc *doc)
{
    return doc->intSubset && doc->intSubset->entities;
}

xmlDoc *xml_parse(const struct buf *bytes, const char *name, struct err *err)
{
    struct reading reading = reading_begin(bytes);
    xmlParserCtxt *parser = xmlNewParserCtxt();

    if (!parser) {
        err_set(err, ERR_INTERNAL, "%s cannot be read: out of memory.", name);
        return NULL;
    }
    xmlDictSetLimit(parser->dict, NAMES_MAX);
    xmlDoc *doc = xmlCtxtReadIO(parser, read_on, NULL, &reading, name, NULL, XML_OPTIONS);
    if (reading.is_late) {
        refuse_late(name, err);
        xmlFreeDoc(doc);
        doc = NULL;
    } else if (!doc) {
        const xmlError *why = xmlCtxtGetLastError(parser);
        const char *message = why && why->message ? why->message : "it is no XML";

        err_set(err, ERR_CORRUPT, "%s, line %d: %.*s.", name, why ? why->line : 0,
                (int)strcspn(message, "\n"), message);
    } else if (declares_entities(doc)) {
        err_set(err, ERR_UNSUPPORTED, "%s declares entities of its own; such books are not read.",
                name);
        xmlFreeDoc(doc);
        doc = NULL;
    }
    xmlFreeParserCtxt(parser);
    return doc;
}

static xmlDoc *html_parse(const struct buf *bytes, const char *name, struct err *err)
{
    struct reading reading = reading_begin(bytes);
    htmlParserCtxt *parser = htmlNewParserCtxt();

    if (!parser)
        return NULL;
    xmlDoc *doc = htmlCtxtReadIO(parser, read_on, NULL, &reading, name, "UTF-8", HTML_OPTIONS);
    htmlFreeParserCtxt(parser);
    if (doc && !reading.is_late) {
        err_clear(err);
        return doc;
    }
    if (reading.is_late)
        refuse_late(name, err);
    xmlFreeDoc(doc);
    return NULL;
}

xmlDoc *xhtml_parse(const struct buf *bytes, const char *name, struct err *err)
{
    xmlDoc *doc = xml_parse(bytes, name, err);

    if (doc || err->kind != ERR_CORRUPT || bytes->len == 0)
        return doc;
    /* HTML has no entities of its own: its parser would take their declarations for text. */
    if (memmem(bytes->data, bytes->len, "<!ENTITY", strlen("<!ENTITY")))
        return NULL;
    return html_parse(bytes, name, err);
}

bool xml_is(const xmlNode *node, const char *name)
{
    return node->type == XML_ELEMENT_NODE && strcasecmp((const char *)node->name, name) == 0;
}

const xmlNode *xml_child(const xmlNode *parent, const char *name)
{
    for (const xmlNode *n = parent ? parent->children : NULL; n; n = n->next)
        if (xml_is(n, name))
            return n;
    return NULL;
}

const xmlNode *xml_next(const xmlNode *node, const xmlNode *root)
{
    /* The children of an entity reference belong to its declaration, not to the text. */
    if (node->children && node->type != XML_ENTITY_REF_NODE)
        return node->children;
    while (node != root && !node->next)
        node = node->parent;
    return node == root ? NULL : node->next;
}

const char *xml_attribute(const xmlNode *node, const char *name)
{
    if (node->type != XML_ELEMENT_NODE)
        return NULL;
    for (const xmlAttr *a = node->properties; a; a = a->next) {
        const char *given = (const char *)a->name;
        const char *colon = strchr(given, ':'); /* HTML's parser keeps prefixes in the name */

        if (strcmp(colon ? colon + 1 : given, name) == 0 && a->children)
            return (const char *)a->children->content;
    }
    return NULL;
}

bool xml_list_has(const char *list, const char *word)
{
    size_t length = strlen(word);

    for (const char *p = list; p && *p; p += strcspn(p, " \t\n")) {
        p += strspn(p, " \t\n");
        if (strncmp(p, word, length) == 0 && (p[length] == '\0' || strchr(" \t\n", p[length])))
            return true;
    }
    return false;
}

static void append_collapsed(struct buf *out, const char *text)
{
    for (; *text; text++) {
        bool is_space = strchr(" \t\n\r\f", *text) != NULL;

        if (!is_space)
            buf_append_char(out, *text);
        else if (out->len > 0 && !strchr(" \n", out->data[out->len - 1]))
            buf_append_char(out, ' ');
    }
}

/* &nbsp; and the like, where no DTD was read that says what they are. */
static void append_entity(struct buf *out, const xmlNode *reference)
{
    const htmlEntityDesc *entity = htmlEntityLookup(reference->name);

    if (entity)
        buf_append_utf8(out, entity->value);
}

static void append_node(struct buf *out, const xmlNode *node)
{
    if ((node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE) && node->content)
        append_collapsed(out, (const char *)node->content);
    else if (node->type == XML_ENTITY_REF_NODE)
        append_entity(out, node);
}

void xml_append_text(const xmlNode *node, struct buf *out)
{
    for (const xmlNode *n = node; n; n = xml_next(n, node))
        append_node(out, n);
}

static bool is_one_of(const xmlNode *node, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (xml_is(node, names[i]))
            return true;
    return false;
}

/* Everything else is inline: it does not end a paragraph. */
static bool is_block(const xmlNode *node)
{
    static const char *const names[] = {
        "address", "article", "aside", "blockquote", "body",     "caption",    "center",  "dd",
        "details", "div",     "dl",    "dt",         "fieldset", "figcaption", "figure",  "footer",
        "form",    "h1",      "h2",    "h3",         "h4",       "h5",         "h6",      "header",
        "hr",      "li",      "main",  "ol",         "p",        "pre",        "section", "summary",
        "table",   "td",      "th",    "tr",         "ul",
    };

    return is_one_of(node, names, COUNT(names));
}

/* Roles of EPUB 3 (epub:type) that are no part of the text as it is read aloud; role="doc-…" of
 * DPUB-ARIA names the same. */
static bool is_left_out(const xmlNode *node)
{
    static const char *const elements[] = { "script", "style",   "head",   "nav",    "svg",
                                            "math",   "audio",   "video",  "rp",     "rt",
                                            "img",    "object",  "iframe", "button", "input",
                                            "select", "template" };
    static const char *const roles[] = { "noteref",   "pagebreak", "page-list", "toc",
                                         "landmarks", "footnote",  "footnotes", "endnote",
                                         "endnotes",  "rearnotes" };

    if (node->type != XML_ELEMENT_NODE)
        return false;
    if (is_one_of(node, elements, COUNT(elements)) || xml_attribute(node, "hidden"))
        return true;
    for (size_t i = 0; i < COUNT(roles); i++) {
        char aria[24];

        snprintf(aria, sizeof aria, "doc-%s", roles[i]);
        if (xml_list_has(xml_attribute(node, "type"), roles[i]) ||
            xml_list_has(xml_attribute(node, "role"), aria))
            return true;
    }
    return false;
}

struct walk {
    const struct xhtml_sink *sink;
    struct buf text; /* of the paragraph so far */
    int heading;     /* level of the heading we are in, or 0 */
};

static void flush(struct walk *walk)
{
    const struct xhtml_sink *sink = walk->sink;

    if (walk->text.len > 0 && walk->heading > 0)
        sink->heading(sink->state, walk->heading, walk->text.data, walk->text.len);
    else if (walk->text.len > 0)
        sink->paragraph(sink->state, walk->text.data, walk->text.len);
    buf_clear(&walk->text);
}

static int heading_level(const xmlNode *node)
{
    const char *name = (const char *)node->name;

    if (node->type != XML_ELEMENT_NODE || (name[0] != 'h' && name[0] != 'H') || name[1] < '1' ||
        name[1] > '6' || name[2] != '\0')
        return 0;
    return name[1] - '0';
}

static void walk_node(struct walk *walk, const xmlNode *node, int depth)
{
    const struct xhtml_sink *sink = walk->sink;
    const char *id = xml_attribute(node, "id");
    bool block = is_block(node);
    int level = heading_level(node);

    if (depth > DEPTH_MAX || is_left_out(node))
        return;
    if (block)
        flush(walk);
    if (id)
        sink->anchor(sink->state, id);
    if (level > 0)
        walk->heading = level;
    if (xml_is(node, "br") && walk->text.len > 0)
        buf_append_char(&walk->text, '\n');
    append_node(&walk->text, node);
    if (node->type == XML_ELEMENT_NODE)
        for (const xmlNode *child = node->children; child; child = child->next)
            walk_node(walk, child, depth + 1);
    if (block)
        flush(walk);
    if (level > 0)
        walk->heading = 0;
}

void xhtml_walk(const xmlDoc *page, const struct xhtml_sink *sink)
{
    /* UTF-16 may grow by half as UTF-8, so nothing is ever cut off here. */
    struct walk walk = { .sink = sink, .text = BUF(2 * ZIP_PART_LIMIT) };
    const xmlNode *root = xmlDocGetRootElement((xmlDoc *)(uintptr_t)page);

    if (root)
        walk_node(&walk, root, 0);
    flush(&walk);
    buf_release(&walk.text);
}
