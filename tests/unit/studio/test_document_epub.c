#include "base/buf.h"
#include "check.h"
#include "studio/document.h"
#include "studio/epub_zip.h"
#include <archive.h>
#include <archive_entry.h>

#define BOOK_LIMIT (32u << 20)
#define XHTML(body)                                                                                \
    "<?xml version=\"1.0\"?><html xmlns=\"http://www.w3.org/1999/xhtml\" "                         \
    "xmlns:epub=\"http://www.idpf.org/2007/ops\"><head><title>t</title></head><body>" body         \
    "</body></html>"
#define CONTAINER                                                                                  \
    "<container xmlns=\"urn:oasis:names:tc:opendocument:xmlns:container\"><rootfiles>"             \
    "<rootfile full-path=\"OPS/book.opf\"/></rootfiles></container>"
#define PACKAGE(manifest, spine)                                                                   \
    "<package xmlns=\"http://www.idpf.org/2007/opf\" "                                             \
    "xmlns:dc=\"http://purl.org/dc/elements/1.1/\">"                                               \
    "<metadata><dc:title>The  Sea</dc:title><dc:creator>A. Wave</dc:creator></metadata>"           \
    "<manifest>" manifest "</manifest>" spine "</package>"

struct file {
    const char *name, *text;
};

static void pack(struct buf *out, const struct file *files, size_t count)
{
    char *memory = xmalloc(BOOK_LIMIT);
    size_t used = 0;
    struct archive *archive = archive_write_new();

    archive_write_set_format_zip(archive);
    assert_int_equal(archive_write_open_memory(archive, memory, BOOK_LIMIT, &used), ARCHIVE_OK);
    for (size_t i = 0; i < count; i++) {
        struct archive_entry *entry = archive_entry_new();

        archive_entry_set_pathname(entry, files[i].name);
        archive_entry_set_size(entry, (la_int64_t)strlen(files[i].text));
        archive_entry_set_filetype(entry, AE_IFREG);
        archive_entry_set_perm(entry, 0644);
        assert_int_equal(archive_write_header(archive, entry), ARCHIVE_OK);
        assert_int_equal(archive_write_data(archive, files[i].text, strlen(files[i].text)),
                         strlen(files[i].text));
        archive_entry_free(entry);
    }
    archive_write_close(archive);
    archive_write_free(archive);
    *out = BUF(BOOK_LIMIT);
    buf_append(out, memory, used);
    free(memory);
}

static bool parse(const struct file *files, size_t count, struct document *d, struct err *err)
{
    struct buf book;

    pack(&book, files, count);
    err_clear(err);
    bool ok = document_parse(book.data, book.len, "x.epub", DOCUMENT_AUTO, d, err);
    buf_release(&book);
    return ok;
}

static const char three_files[] =
    PACKAGE("<item id=\"n\" href=\"nav.xhtml\" properties=\"nav\"/>"
            "<item id=\"b\" href=\"text/b%20b.xhtml\"/><item id=\"a\" href=\"text/a.xhtml\"/>"
            "<item id=\"x\" href=\"text/notes.xhtml\"/>",
            "<spine><itemref idref=\"n\"/><itemref idref=\"a\"/><itemref idref=\"b\"/>"
            "<itemref idref=\"x\" linear=\"no\"/></spine>");

static void test_a_book_is_read_in_the_order_of_its_spine(void **state)
{
    const struct file files[] = {
        { "mimetype", "application/epub+zip" },
        { "OPS/text/b b.xhtml",
          XHTML("<section id=\"s1\"><p>B <b>bold</b>.</p></section><p id=\"s2\">C&#160;c.</p>") },
        { "OPS/text/a.xhtml",
          XHTML("<h1>Part  <i>One</i></h1><p>A<br/>a.</p><p> </p><div>D<p>E</p>F</div>") },
        { "OPS/text/notes.xhtml", XHTML("<p>never read</p>") },
        { "OPS/nav.xhtml",
          XHTML("<nav epub:type=\"landmarks\"><a href=\"text/a.xhtml\">No</a></nav>"
                "<nav epub:type=\"toc\"><ol><li><a href=\"text/a.xhtml\">First</a></li>"
                "<li><a href=\"text/b%20b.xhtml#s2\">Second</a></li></ol></nav>") },
        { "OPS/book.opf", three_files },
        { "META-INF/container.xml", CONTAINER },
    };
    const char *const texts[] = { "Part One\n\nA\na.", "D", "E", "F", "B bold.", "C\u00a0c." };
    const size_t chapters[] = { 0, 0, 0, 0, 0, 1 };
    struct document d;
    struct err err;

    (void)state;
    if (!parse(files, COUNT(files), &d, &err))
        fail_msg("%s", err.message);
    assert_string_equal(d.title, "The Sea");
    assert_string_equal(d.author, "A. Wave");
    assert_int_equal(d.segment_count, COUNT(texts));
    for (size_t i = 0; i < COUNT(texts); i++) {
        assert_string_equal(d.segments[i].text, texts[i]);
        assert_int_equal(d.segments[i].chapter, chapters[i]);
    }
    assert_int_equal(d.chapter_count, 2);
    assert_string_equal(d.chapters[0], "First");
    assert_string_equal(d.chapters[1], "Second");
    document_release(&d);
}

/* A book of one page with this body; and further files. */
static bool parse_page(const char *page, const struct file *more, size_t more_count,
                       struct document *d, struct err *err)
{
    struct file files[8] = {
        { "META-INF/container.xml", CONTAINER },
        { "OPS/book.opf",
          PACKAGE("<item id=\"a\" href=\"a.xhtml\"/><item id=\"c\" href=\"toc.ncx\"/>",
                  "<spine toc=\"c\"><itemref idref=\"a\"/></spine>") },
        { "OPS/a.xhtml", page },
    };

    for (size_t i = 0; i < more_count; i++)
        files[3 + i] = more[i];
    return parse(files, 3 + more_count, d, err);
}

static void test_epub_2_takes_its_chapters_from_the_ncx(void **state)
{
    const struct file ncx[] = {
        { "OPS/toc.ncx",
          "<ncx><navMap><navPoint><navLabel><text>I. Rain</text></navLabel><content "
          "src=\"a.xhtml\"/>"
          "<navPoint><navLabel><text>II. Snow</text></navLabel><content src=\"a.xhtml#two\"/>"
          "</navPoint></navPoint></navMap></ncx>" },
    };
    struct document d;
    struct err err;

    (void)state;
    assert_true(parse_page(XHTML("<h2>Rain</h2><p>a</p><h2 id=\"two\">Snow</h2><p>b</p>"), ncx, 1,
                           &d, &err));
    assert_int_equal(d.chapter_count, 2);
    assert_string_equal(d.chapters[0], "I. Rain");
    assert_string_equal(d.chapters[1], "II. Snow");
    assert_string_equal(d.segments[1].text, "Snow\n\nb");
    assert_int_equal(d.segments[1].chapter, 1);
    document_release(&d);
}

static void test_without_a_table_of_contents_headings_are_chapters(void **state)
{
    struct document d;
    struct err err;

    (void)state;
    assert_true(parse_page(XHTML("<p>Before.</p><h1>One</h1><p>a</p><h2>Two</h2><p>b</p>"), NULL, 0,
                           &d, &err));
    assert_int_equal(d.chapter_count, 2);
    assert_int_equal(d.segments[0].chapter, DOCUMENT_NO_CHAPTER);
    assert_string_equal(d.chapters[1], "Two");
    document_release(&d);
}

static void test_notes_page_numbers_and_scripts_are_left_out(void **state)
{
    struct document d;
    struct err err;

    (void)state;
    assert_true(
        parse_page(XHTML("<p>A wave<a epub:type=\"noteref\" href=\"#f\">1</a> broke."
                         "<span role=\"doc-pagebreak\">12</span></p><script>x()</script>"
                         "<aside epub:type=\"footnote\"><p>Note.</p></aside><p hidden=\"\">no</p>"
                         "<p><ruby>\xE6\xBC\xA2<rt>kan</rt></ruby></p>"),
                   NULL, 0, &d, &err));
    assert_int_equal(d.segment_count, 2);
    assert_string_equal(d.segments[0].text, "A wave broke.");
    assert_string_equal(d.segments[1].text, "\xE6\xBC\xA2");
    document_release(&d);
}

static void test_sloppy_pages_are_read_as_html(void **state)
{
    struct document d;
    struct err err;

    (void)state;
    assert_true(parse_page("<html><body><p>Caf\xC3\xA9&nbsp;&mdash; <br>one<p>two</body>", NULL, 0,
                           &d, &err));
    assert_int_equal(d.segment_count, 2);
    assert_string_equal(d.segments[0].text, "Caf\xC3\xA9\u00a0\u2014 \none");
    document_release(&d);
}

static void test_named_entities_of_a_doctype_are_known_without_fetching_it(void **state)
{
    struct document d;
    struct err err;

    (void)state;
    assert_true(parse_page("<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.1//EN\" "
                           "\"http://127.0.0.1:9/xhtml11.dtd\"><html><body>"
                           "<p>one&mdash;two &lt;3</p></body></html>",
                           NULL, 0, &d, &err));
    assert_string_equal(d.segments[0].text, "one\u2014two <3");
    document_release(&d);
}

static void test_documents_with_entities_of_their_own_are_refused(void **state)
{
    static const char *const looping = "<!DOCTYPE html [<!ENTITY a \"&b;\"><!ENTITY b "
                                       "\"&a;\">]><html><body><p>&a;</p></body></html>";
    struct document d;
    struct err err;

    (void)state;
    assert_false(parse_page("<!DOCTYPE html [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">"
                            "<!ENTITY f SYSTEM \"file:///etc/passwd\">]>"
                            "<html><body><p>&b;&f;</p></body></html>",
                            NULL, 0, &d, &err));
    assert_int_equal(err.kind, ERR_UNSUPPORTED);
    assert_non_null(strstr(err.message, "OPS/a.xhtml"));
    assert_false(parse_page(looping, NULL, 0, &d, &err));
    assert_non_null(strstr(err.message, "OPS/a.xhtml"));
}

#define ENCRYPTION(algorithm)                                                                      \
    "<encryption xmlns=\"urn:oasis:names:tc:opendocument:xmlns:container\" "                       \
    "xmlns:enc=\"http://www.w3.org/2001/04/xmlenc#\"><enc:EncryptedData>"                          \
    "<enc:EncryptionMethod Algorithm=\"" algorithm "\"/></enc:EncryptedData></encryption>"

static void test_a_book_with_drm_is_refused_and_one_with_hidden_fonts_is_not(void **state)
{
    const struct file drm = { "META-INF/encryption.xml",
                              ENCRYPTION("http://www.w3.org/2001/04/xmlenc#aes128-cbc") };
    const struct file fonts = { "META-INF/encryption.xml",
                                ENCRYPTION("http://www.idpf.org/2008/embedding") };
    struct document d;
    struct err err;

    (void)state;
    assert_false(parse_page(XHTML("<p>a</p>"), &drm, 1, &d, &err));
    assert_int_equal(err.kind, ERR_UNSUPPORTED);
    assert_non_null(strstr(err.message, "DRM"));
    assert_true(parse_page(XHTML("<p>a</p>"), &fonts, 1, &d, &err));
    document_release(&d);
}

static void test_broken_books_name_what_is_missing(void **state)
{
    static const struct {
        struct file files[3];
        size_t count;
        const char *says;
    } cases[] = {
        { { { "mimetype", "application/epub+zip" } }, 1, "META-INF/container.xml" },
        { { { "META-INF/container.xml", "<container/>" } }, 1, "no package" },
        { { { "META-INF/container.xml", "<container" } }, 1, "META-INF/container.xml, line 1" },
        { { { "META-INF/container.xml", CONTAINER } }, 1, "OPS/book.opf" },
        { { { "META-INF/container.xml", CONTAINER }, { "OPS/book.opf", PACKAGE("", "") } },
          2,
          "spine" },
        { { { "META-INF/container.xml", CONTAINER },
            { "OPS/book.opf", PACKAGE("<item id=\"a\" href=\"a.xhtml\"/>",
                                      "<spine><itemref idref=\"a\"/></spine>") } },
          2,
          "OPS/a.xhtml" },
        { { { "META-INF/container.xml", CONTAINER },
            { "OPS/book.opf", PACKAGE("<item id=\"a\" href=\"../../../etc/passwd\"/>",
                                      "<spine><itemref idref=\"a\"/></spine>") } },
          2,
          "etc/passwd is missing" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct document d;
        struct err err;

        assert_false(parse(cases[i].files, cases[i].count, &d, &err));
        if (err.kind != ERR_CORRUPT || !strstr(err.message, cases[i].says))
            fail_msg("case %zu: %s", i, err.message);
    }
}

static void test_a_zip_bomb_is_refused_by_its_unpacked_size(void **state)
{
    const char *head = "<html><body><p>";
    size_t length = ZIP_PART_LIMIT + 1;
    char *page = xmalloc(length + 1);
    struct document d;
    struct err err;

    (void)state;
    memset(page, 'a', length);
    memcpy(page, head, strlen(head));
    page[length] = '\0';
    assert_false(parse_page(page, NULL, 0, &d, &err));
    assert_int_equal(err.kind, ERR_TOO_LARGE);
    assert_non_null(strstr(err.message, "OPS/a.xhtml"));
    free(page);
}

/* A book with one page: before, then row with a number in it, again and again, then after. */
static bool parse_repeated(const char *before, const char *row, int count, const char *after,
                           struct err *err)
{
    struct buf page = BUF(BOOK_LIMIT);
    struct document d = { 0 };

    buf_append_str(&page, before);
    for (int i = 0; i < count; i++)
        buf_format(&page, "%s%d=''", row, i);
    buf_append_str(&page, after);
    bool ok = parse_page(page.data, NULL, 0, &d, err);
    document_release(&d);
    buf_release(&page);
    return ok;
}

static void test_pages_that_take_the_square_of_their_size_are_refused_in_time(void **state)
{
    static const char open[] = "<html><body><p>Text.</p>", close[] = "</body></html>";
    struct err err;

    (void)state;
    assert_false(parse_repeated("<html><body><p ", " a", 60000, ">Text.</p></body></html>", &err));
    assert_non_null(strstr(err.message, "a.xhtml is built in a way that takes too long"));
    assert_false(parse_repeated("<html><body><p ", " a", 60000, ">Text.</p>", &err));
    assert_non_null(strstr(err.message, "takes too long"));
    assert_false(parse_repeated(open, "<!--", 60000, close, &err));
    assert_non_null(strstr(err.message, "takes too long"));
    assert_true(parse_repeated(open, "<p>Text</p>", 20000, close, &err));
}

static void test_a_cut_book_is_refused_wherever_it_is_cut(void **state)
{
    const struct file files[] = {
        { "META-INF/container.xml", CONTAINER },
        { "OPS/book.opf",
          PACKAGE("<item id=\"a\" href=\"a.xhtml\"/>", "<spine><itemref idref=\"a\"/></spine>") },
        { "OPS/a.xhtml", XHTML("<p>One sentence.</p>") },
    };
    struct buf book;

    (void)state;
    pack(&book, files, COUNT(files));
    for (size_t length = 4; length < book.len; length += 7) {
        struct document d;
        struct err err;

        if (document_parse(book.data, length, "x.epub", DOCUMENT_EPUB, &d, &err))
            fail_msg("taken when cut at %zu of %zu", length, book.len);
    }
    buf_release(&book);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_book_is_read_in_the_order_of_its_spine),
        cmocka_unit_test(test_epub_2_takes_its_chapters_from_the_ncx),
        cmocka_unit_test(test_without_a_table_of_contents_headings_are_chapters),
        cmocka_unit_test(test_notes_page_numbers_and_scripts_are_left_out),
        cmocka_unit_test(test_sloppy_pages_are_read_as_html),
        cmocka_unit_test(test_named_entities_of_a_doctype_are_known_without_fetching_it),
        cmocka_unit_test(test_documents_with_entities_of_their_own_are_refused),
        cmocka_unit_test(test_a_book_with_drm_is_refused_and_one_with_hidden_fonts_is_not),
        cmocka_unit_test(test_broken_books_name_what_is_missing),
        cmocka_unit_test(test_a_zip_bomb_is_refused_by_its_unpacked_size),
        cmocka_unit_test(test_pages_that_take_the_square_of_their_size_are_refused_in_time),
        cmocka_unit_test(test_a_cut_book_is_refused_wherever_it_is_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
