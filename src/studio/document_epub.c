/*
 * EPUB 2 and 3: META-INF/container.xml names the package, its spine the pages
 * in reading order; the table of contents (EPUB 3's nav page, else EPUB 2's
 * NCX) names the chapters by page and anchor. Where it does not help, headings
 * of level 1 and 2 begin chapters.
 *
 * Section numbers are those of W3C's EPUB 3.3.
 */
#include <libxml/uri.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "studio/document_internal.h"
#include "studio/epub_zip.h"
#include "studio/xhtml.h"

#define SPINE_MAX 5000
#define CHAPTERS_MAX 20000
#define CHAPTER_LEVEL_MAX 2
#define ROOT "epub:///" /* so that references resolve by RFC 3986 and cannot leave the book */

struct toc_entry {
    const char *page;   /* entry name in the ZIP */
    const char *anchor; /* or "" for the page's beginning */
    const char *title;
};

struct epub {
    struct zip zip;
    struct arena arena; /* all names below */
    struct builder *builder;
    const char *package_name;
    xmlDoc *package;
    const char **spine; /* entry names in reading order; owned */
    size_t spine_count, spine_capacity;
    const char *nav_name, *ncx_name; /* or NULL */
    struct toc_entry *toc;           /* owned */
    size_t toc_count, toc_capacity;
    const char *page;  /* being walked */
    bool has_chapters; /* the table of contents names a page of the spine */
};

static void epub_release(struct epub *epub)
{
    xmlFreeDoc(epub->package);
    free(epub->spine);
    free(epub->toc);
    arena_release(&epub->arena);
}

/* One entry by name; *is_found tells an absent one from a failure. */
static bool read_one(struct epub *epub, const char *name, struct zip_part *part, struct err *err)
{
    *part = (struct zip_part){ .name = name };
    return zip_read(&epub->zip, part, 1, err);
}

/* A reference in the file base, as an entry name; *anchor gets what follows '#', or "". NULL for
 * what is no reference or leads out of the book. */
static const char *resolve(struct epub *epub, const char *base, const char *href,
                           const char **anchor)
{
    /* Books have blanks and umlauts in names that should have been escaped; '%' already is. */
    xmlChar *escaped =
        xmlURIEscapeStr((const xmlChar *)href, (const xmlChar *)"%/#?=&:;,@+$!*'()~");
    xmlChar *base_escaped = xmlURIEscapeStr((const xmlChar *)base, (const xmlChar *)"/");
    char *base_uri = str_format(ROOT "%s", base_escaped ? (const char *)base_escaped : "");
    xmlChar *uri = escaped ? xmlBuildURI(escaped, (const xmlChar *)base_uri) : NULL;
    const char *name = NULL;

    if (uri && strncmp((const char *)uri, ROOT, strlen(ROOT)) == 0) {
        char *hash = strchr((char *)uri, '#');

        if (anchor)
            *anchor = hash ? arena_strdup(&epub->arena, hash + 1) : "";
        if (hash)
            *hash = '\0';
        char *plain = xmlURIUnescapeString((const char *)uri + strlen(ROOT), 0, NULL);
        name = plain ? arena_strdup(&epub->arena, plain) : NULL;
        xmlFree(plain);
    }
    xmlFree(uri);
    xmlFree(base_escaped);
    xmlFree(escaped);
    free(base_uri);
    return name;
}

/* Fonts may be obfuscated without the text being locked (section 4.3 and Adobe's older way). */
static bool is_font_obfuscation(const char *algorithm)
{
    return algorithm && (strcmp(algorithm, "http://www.idpf.org/2008/embedding") == 0 ||
                         strcmp(algorithm, "http://ns.adobe.com/pdf/enc#RC") == 0);
}

static bool check_encryption(const struct zip_part *part, struct err *err)
{
    if (!part->is_found)
        return true;
    xmlDoc *doc = xml_parse(&part->bytes, part->name, err);
    if (!doc)
        return false;

    const xmlNode *root = xmlDocGetRootElement(doc);
    bool ok = true;
    for (const xmlNode *n = root; ok && n; n = xml_next(n, root))
        if (xml_is(n, "EncryptionMethod") && xml_is(n->parent, "EncryptedData") &&
            !is_font_obfuscation(xml_attribute(n, "Algorithm")))
            ok = err_set(err, ERR_UNSUPPORTED,
                         "The book is locked with DRM (%s). Only open books can be narrated.",
                         part->name);
    xmlFreeDoc(doc);
    return ok;
}

static bool find_package(struct epub *epub, const struct zip_part *container, struct err *err)
{
    if (!container->is_found)
        return err_set(err, ERR_CORRUPT, "This is no EPUB: %s is missing.", container->name);
    xmlDoc *doc = xml_parse(&container->bytes, container->name, err);
    if (!doc)
        return false;

    const xmlNode *root = xmlDocGetRootElement(doc);
    for (const xmlNode *n = root; n && !epub->package_name; n = xml_next(n, root)) {
        const char *path = xml_is(n, "rootfile") ? xml_attribute(n, "full-path") : NULL;

        if (path)
            epub->package_name = arena_strdup(&epub->arena, path);
    }
    xmlFreeDoc(doc);
    return epub->package_name ||
           err_set(err, ERR_CORRUPT, "%s names no package file.", container->name);
}

static bool read_container(struct epub *epub, struct err *err)
{
    struct zip_part parts[] = {
        { .name = "META-INF/container.xml" },
        { .name = "META-INF/encryption.xml" },
    };

    bool ok = zip_read(&epub->zip, parts, COUNT(parts), err) && check_encryption(&parts[1], err) &&
              find_package(epub, &parts[0], err);
    for (size_t i = 0; i < COUNT(parts); i++)
        zip_part_release(&parts[i]);
    return ok;
}

static bool read_package(struct epub *epub, struct err *err)
{
    struct zip_part part;
    bool ok = read_one(epub, epub->package_name, &part, err);

    if (ok && !part.is_found)
        ok = err_set(err, ERR_CORRUPT, "The book's package file %s is missing.", part.name);
    if (ok)
        epub->package = xml_parse(&part.bytes, part.name, err);
    zip_part_release(&part);
    return ok && epub->package;
}

/* The first dc:title and dc:creator (5.5.3). */
static void take_metadata(struct epub *epub, const xmlNode *package)
{
    const xmlNode *metadata = xml_child(package, "metadata");
    struct buf text = BUF(DOCUMENT_SEGMENT_LIMIT);
    const xmlNode *title = metadata ? xml_child(metadata, "title") : NULL;
    const xmlNode *creator = metadata ? xml_child(metadata, "creator") : NULL;

    if (title) {
        xml_append_text(title, &text);
        builder_title(epub->builder, text.data ? text.data : "", text.len);
        buf_clear(&text);
    }
    if (creator) {
        xml_append_text(creator, &text);
        builder_author(epub->builder, text.data ? text.data : "", text.len);
    }
    buf_release(&text);
}

/* The manifest's items, sorted by id. */
struct item {
    const char *id; /* borrowed from the package's tree */
    const xmlNode *node;
};

static int compare_items(const void *left, const void *right)
{
    return strcmp(((const struct item *)left)->id, ((const struct item *)right)->id);
}

static struct item *list_items(const xmlNode *manifest, size_t *count)
{
    struct item *items = NULL;
    size_t capacity = 0;

    *count = 0;
    for (const xmlNode *n = manifest ? manifest->children : NULL; n; n = n->next) {
        const char *id = xml_is(n, "item") ? xml_attribute(n, "id") : NULL;

        if (!id || !xml_attribute(n, "href"))
            continue;
        ARRAY_GROW(items, *count, capacity);
        items[(*count)++] = (struct item){ id, n };
    }
    if (items)
        qsort(items, *count, sizeof *items, compare_items);
    return items;
}

static const xmlNode *find_item(const struct item *items, size_t count, const char *id)
{
    const struct item key = { .id = id };
    const struct item *found =
        items && id ? bsearch(&key, items, count, sizeof *items, compare_items) : NULL;

    return found ? found->node : NULL;
}

static const char *item_name(struct epub *epub, const xmlNode *item)
{
    return item ? resolve(epub, epub->package_name, xml_attribute(item, "href"), NULL) : NULL;
}

/* EPUB 2's guide marks the printed table of contents, which EPUB 3 marks in the page itself. */
static const char *guide_toc(struct epub *epub, const xmlNode *package)
{
    const xmlNode *guide = xml_child(package, "guide");

    for (const xmlNode *n = guide ? guide->children : NULL; n; n = n->next) {
        const char *type = xml_is(n, "reference") ? xml_attribute(n, "type") : NULL;
        const char *href = type && strcmp(type, "toc") == 0 ? xml_attribute(n, "href") : NULL;

        if (href)
            return resolve(epub, epub->package_name, href, NULL);
    }
    return NULL;
}

/* Pages outside the reading order (linear="no", 5.7.2) and tables of contents are not read. */
static bool take_itemref(struct epub *epub, const char *printed_toc, const xmlNode *itemref,
                         const xmlNode *item, struct err *err)
{
    const char *linear = xml_attribute(itemref, "linear");
    const char *name = item_name(epub, item);

    if (!name || (linear && strcmp(linear, "no") == 0) ||
        xml_list_has(xml_attribute(item, "properties"), "nav") ||
        (printed_toc && strcmp(printed_toc, name) == 0))
        return true;
    if (epub->spine_count == SPINE_MAX)
        return err_set(err, ERR_TOO_LARGE, "The book's spine has more than %d pages.", SPINE_MAX);
    ARRAY_GROW(epub->spine, epub->spine_count, epub->spine_capacity);
    epub->spine[epub->spine_count++] = name;
    return true;
}

static bool take_spine(struct epub *epub, const xmlNode *package, struct err *err)
{
    const xmlNode *spine = xml_child(package, "spine");
    const char *printed_toc = guide_toc(epub, package);
    size_t count;
    struct item *items = list_items(xml_child(package, "manifest"), &count);
    bool ok = true;

    for (size_t i = 0; i < count && !epub->nav_name; i++)
        if (xml_list_has(xml_attribute(items[i].node, "properties"), "nav"))
            epub->nav_name = item_name(epub, items[i].node);
    if (spine)
        epub->ncx_name = item_name(epub, find_item(items, count, xml_attribute(spine, "toc")));
    for (const xmlNode *n = spine ? spine->children : NULL; ok && n; n = n->next) {
        const xmlNode *item =
            xml_is(n, "itemref") ? find_item(items, count, xml_attribute(n, "idref")) : NULL;

        ok = !item || take_itemref(epub, printed_toc, n, item, err);
    }
    free(items);
    if (ok && epub->spine_count == 0)
        ok = err_set(err, ERR_CORRUPT, "%s: the spine names no page.", epub->package_name);
    return ok;
}

static bool is_in_spine(const struct epub *epub, const char *name)
{
    for (size_t i = 0; i < epub->spine_count; i++)
        if (strcmp(epub->spine[i], name) == 0)
            return true;
    return false;
}

static void add_toc_entry(struct epub *epub, const char *file, const char *href,
                          const xmlNode *label)
{
    struct buf title = BUF(DOCUMENT_SEGMENT_LIMIT);
    const char *anchor = "";
    const char *page = href && label ? resolve(epub, file, href, &anchor) : NULL;

    if (page && epub->toc_count < CHAPTERS_MAX)
        xml_append_text(label, &title);
    if (title.len > 0) {
        ARRAY_GROW(epub->toc, epub->toc_count, epub->toc_capacity);
        epub->toc[epub->toc_count++] = (struct toc_entry){
            .page = page,
            .anchor = anchor,
            .title = arena_strndup(&epub->arena, title.data, title.len),
        };
        epub->has_chapters = epub->has_chapters || is_in_spine(epub, page);
    }
    buf_release(&title);
}

/* <nav epub:type="toc"> with its links (5.4.3). */
static void take_nav(struct epub *epub, const xmlDoc *doc)
{
    const xmlNode *root = xmlDocGetRootElement((xmlDoc *)(uintptr_t)doc);
    const xmlNode *nav = NULL;

    for (const xmlNode *n = root; n && !nav; n = xml_next(n, root))
        if (xml_is(n, "nav") && xml_list_has(xml_attribute(n, "type"), "toc"))
            nav = n;
    for (const xmlNode *n = nav; n; n = xml_next(n, nav))
        if (xml_is(n, "a"))
            add_toc_entry(epub, epub->nav_name, xml_attribute(n, "href"), n);
}

/* navPoint: navLabel/text and content@src (OPF 2.0.1, section 2.4.1). */
static void take_ncx(struct epub *epub, const xmlDoc *doc)
{
    const xmlNode *root = xmlDocGetRootElement((xmlDoc *)(uintptr_t)doc);

    for (const xmlNode *n = root; n; n = xml_next(n, root)) {
        const xmlNode *content = xml_is(n, "navPoint") ? xml_child(n, "content") : NULL;

        if (content)
            add_toc_entry(epub, epub->ncx_name, xml_attribute(content, "src"),
                          xml_child(n, "navLabel"));
    }
}

/* A table of contents that is missing or broken costs chapter names, not the book. */
static bool read_toc(struct epub *epub, const char *name,
                     void (*take)(struct epub *, const xmlDoc *), struct err *err)
{
    struct zip_part part;

    if (!name || epub->has_chapters)
        return true;
    bool ok = read_one(epub, name, &part, err);
    if (ok && part.is_found) {
        struct err ignored;
        xmlDoc *doc = xhtml_parse(&part.bytes, name, &ignored);

        if (doc)
            take(epub, doc);
        xmlFreeDoc(doc);
    }
    zip_part_release(&part);
    return ok;
}

static int compare_toc(const void *left, const void *right)
{
    const struct toc_entry *a = left, *b = right;
    int pages = strcmp(a->page, b->page);

    return pages != 0 ? pages : strcmp(a->anchor, b->anchor);
}

static void begin_toc_chapter(struct epub *epub, const char *anchor)
{
    const struct toc_entry key = { .page = epub->page, .anchor = anchor };
    const struct toc_entry *entry =
        epub->toc ? bsearch(&key, epub->toc, epub->toc_count, sizeof key, compare_toc) : NULL;

    if (entry)
        builder_chapter(epub->builder, entry->title);
}

static void take_anchor(void *state, const char *id)
{
    begin_toc_chapter(state, id);
}

static void take_paragraph(void *state, const char *text, size_t length)
{
    builder_segment(((struct epub *)state)->builder, text, length, NULL);
}

static void take_heading(void *state, int level, const char *text, size_t length)
{
    struct epub *epub = state;

    if (!epub->has_chapters && level <= CHAPTER_LEVEL_MAX) {
        char *title = xstrndup(text, length);

        builder_chapter(epub->builder, title);
        free(title);
    }
    builder_heading(epub->builder, text, length);
}

static bool read_page(struct epub *epub, const struct zip_part *part, struct err *err)
{
    const struct xhtml_sink sink = { take_anchor, take_paragraph, take_heading, epub };

    if (!part || !part->is_found)
        return err_set(err, ERR_CORRUPT, "The book's page %s is missing.",
                       part ? part->name : "without a name");
    xmlDoc *doc = xhtml_parse(&part->bytes, part->name, err);
    if (!doc)
        return false;
    epub->page = part->name;
    begin_toc_chapter(epub, "");
    xhtml_walk(doc, &sink);
    xmlFreeDoc(doc);
    return builder_ok(epub->builder) || err_context(err, "%s", part->name);
}

static bool read_pages(struct epub *epub, struct err *err)
{
    struct zip_part *parts = xcalloc(epub->spine_count, sizeof *parts);
    size_t count = 0;

    if (epub->toc)
        qsort(epub->toc, epub->toc_count, sizeof *epub->toc, compare_toc);
    for (size_t i = 0; i < epub->spine_count; i++)
        parts[i].name = epub->spine[i];
    qsort(parts, epub->spine_count, sizeof *parts, zip_part_compare);
    for (size_t i = 0; i < epub->spine_count; i++) /* a page may stand twice in the spine */
        if (count == 0 || strcmp(parts[count - 1].name, parts[i].name) != 0)
            parts[count++].name = parts[i].name;

    bool ok = zip_read(&epub->zip, parts, count, err);
    for (size_t i = 0; ok && i < epub->spine_count; i++) {
        const struct zip_part key = { .name = epub->spine[i] };

        ok = read_page(epub, bsearch(&key, parts, count, sizeof *parts, zip_part_compare), err);
    }
    for (size_t i = 0; i < count; i++)
        zip_part_release(&parts[i]);
    free(parts);
    return ok;
}

static bool read_book(struct epub *epub, struct err *err)
{
    if (!read_container(epub, err) || !read_package(epub, err))
        return false;
    const xmlNode *package = xmlDocGetRootElement(epub->package);

    take_metadata(epub, package);
    return take_spine(epub, package, err) && read_toc(epub, epub->nav_name, take_nav, err) &&
           read_toc(epub, epub->ncx_name, take_ncx, err) && read_pages(epub, err);
}

bool document_parse_epub(const char *bytes, size_t length, struct builder *b)
{
    struct epub epub = { .zip = { .bytes = bytes, .length = length }, .builder = b };
    bool ok = read_book(&epub, b->err) && builder_finish(b);

    epub_release(&epub);
    return ok;
}
