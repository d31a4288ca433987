/* The Python module `witnessmark.match.native.kernels`: flat functions over buffers.
 *
 * The callers (`witnessmark.match.index`) shape and check what they give; what would read or write outside
 * of a buffer is refused here again. Every long step runs without the interpreter's lock.
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdlib.h>
#include <string.h>

#include "codes.h"
#include "nearest.h"
#include "votes.h"

static PyObject *damaged_error;

/* The kernels that this processor can run, the fastest first. */
static const Kernel *kernels_here[4];

static void find_kernels(void)
{
    int found = 0;
#ifdef HAVE_X86
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vpopcntdq") &&
        __builtin_cpu_supports("avx512bitalg") && __builtin_cpu_supports("bmi2"))
        kernels_here[found++] = &kernel_avx512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("popcnt") && __builtin_cpu_supports("bmi2"))
        kernels_here[found++] = &kernel_avx2;
#endif
    kernels_here[found++] = &kernel_scalar;
}

static const Kernel *kernel_named(const char *name)
{
    for (int i = 0; kernels_here[i]; i++)
        if (!strcmp(kernels_here[i]->name, name))
            return kernels_here[i];
    PyErr_Format(PyExc_ValueError, "this processor has no kernel %s", name);
    return NULL;
}

static int refuse(const char *what)
{
    PyErr_SetString(PyExc_ValueError, what);
    return -1;
}

static PyObject *failed_with(int result)
{
    if (result == NO_MEMORY)
        return PyErr_NoMemory();
    PyErr_SetString(damaged_error, "a block does not have its checksum");
    return NULL;
}

/* What lies where in an image: the numbers that describe it, in this order; then six for each slot. */
enum { COUNT, ROWS, COLUMNS, STRIDE, FROM, TO, SHIFT, SLOTS, FIXED };
enum { FIRST_BIT, WIDTH, ALLOWANCE, STARTS, IDS, AHEAD, OF_SLOT };

static int lies_within(const Image *image, uint64_t at, uint64_t size)
{
    return at >= image->from && at <= image->to && size <= image->to - at && at % 4 == 0;
}

/* An archive from the bytes, the numbers that describe it, and the checksums (empty: nothing is checked). */
static int archive_read(Archive *archive, const Py_buffer *image, const Py_buffer *plan, const Py_buffer *sums,
                        const Py_buffer *seen)
{
    const uint64_t *number = plan->buf;
    if (plan->len < (Py_ssize_t)(FIXED * 8) || number[SLOTS] > MOST_SLOTS ||
        (uint64_t)plan->len != (FIXED + number[SLOTS] * OF_SLOT) * 8)
        return refuse("the plan has another length");
    memset(archive, 0, sizeof *archive);
    Image *bytes = &archive->image;
    *bytes = (Image){image->buf, (size_t)image->len, number[FROM], number[TO], (int)number[SHIFT], NULL, NULL};
    if (bytes->to > bytes->size || bytes->from > bytes->to || number[SHIFT] > 40 || number[COUNT] >> 32)
        return refuse("the plan leads out of the image");
    if (sums->len) {
        uint64_t blocks = (bytes->to - bytes->from + ((1ull << bytes->shift) - 1)) >> bytes->shift;
        if ((uint64_t)sums->len != blocks * 4 || (uint64_t)seen->len != blocks)
            return refuse("not one checksum for each block");
        bytes->sums = sums->buf;
        bytes->seen = seen->buf;
    }
    archive->count = number[COUNT];
    archive->stride = number[STRIDE];
    if (number[ROWS]) {
        if (!lies_within(bytes, number[ROWS], number[COUNT] * (CODE_BITS / 8)))
            return refuse("the rows lead out of the image");
        archive->rows = (const uint64_t *)(bytes->bytes + number[ROWS]);
    } else {
        if (number[STRIDE] < number[COUNT] || number[STRIDE] >> 32 ||
            !lies_within(bytes, number[COLUMNS], number[STRIDE] * CODE_COLUMNS * 4))
            return refuse("the columns lead out of the image");
        archive->columns = (const uint32_t *)(bytes->bytes + number[COLUMNS]);
    }
    archive->slots = archive->rows ? (int)number[SLOTS] : 0;
    for (int i = 0; i < archive->slots; i++) {
        const uint64_t *one = number + FIXED + i * OF_SLOT;
        if (one[WIDTH] < LOOKED_AHEAD || one[WIDTH] > WIDEST_SLOT || one[FIRST_BIT] > CODE_BITS - one[WIDTH] ||
            one[ALLOWANCE] > CODE_BITS + 1 || !lies_within(bytes, one[STARTS], ((1ull << one[WIDTH]) + 1) * 4) ||
            !lies_within(bytes, one[IDS], number[COUNT] * 4) || !lies_within(bytes, one[AHEAD], number[COUNT] * 2))
            return refuse("a slot leads out of the image");
        archive->slot[i] = (Slot){(uint32_t)one[FIRST_BIT],
                                  (uint32_t)one[WIDTH],
                                  (int)one[ALLOWANCE],
                                  (const uint32_t *)(bytes->bytes + one[STARTS]),
                                  (const uint32_t *)(bytes->bytes + one[IDS]),
                                  (const uint16_t *)(bytes->bytes + one[AHEAD])};
    }
    archive->is_even = archive->slots == MOST_SLOTS;
    for (int i = 0; i < archive->slots; i++) {
        const Slot *slot = &archive->slot[i], *next = &archive->slot[i + 1 == archive->slots ? 0 : i + 1];
        archive->is_even &= slot->width == LOOKED_AHEAD && slot->first_bit == (uint32_t)i * LOOKED_AHEAD;
        archive->allowance[i] = (uint16_t)slot->allowance;
        archive->allowance_of_two[i] = (uint16_t)(slot->allowance + next->allowance);
    }
    return 0;
}

static PyObject *hits_bytes(Hits *hits, int with_first)
{
    PyObject *ids = PyByteArray_FromStringAndSize((const char *)hits->id, (Py_ssize_t)(hits->count * 4));
    PyObject *distances = PyByteArray_FromStringAndSize((const char *)hits->distance, (Py_ssize_t)(hits->count * 2));
    PyObject *first = PyByteArray_FromStringAndSize((const char *)hits->query,
                                                    with_first ? (Py_ssize_t)(hits->count * 4) : 0);
    PyObject *all = ids && distances && first ? PyTuple_Pack(3, first, ids, distances) : NULL;
    Py_XDECREF(ids);
    Py_XDECREF(distances);
    Py_XDECREF(first);
    return all;
}

static PyObject *search(PyObject *module, PyObject *args)
{
    (void)module;
    const char *name;
    Py_buffer image, plan, sums, seen, queries, offsets, work;
    int radius, by_slots;
    if (!PyArg_ParseTuple(args, "sy*y*y*y*y*iiw*w*", &name, &image, &plan, &sums, &seen, &queries, &radius, &by_slots,
                          &offsets, &work))
        return NULL;
    PyObject *found = NULL;
    Archive archive;
    Hits hits = {0};
    const Kernel *kernel = kernel_named(name);
    size_t count = (size_t)queries.len / (CODE_BITS / 8);
    if (!kernel || archive_read(&archive, &image, &plan, &sums, &seen))
        goto out;
    if (queries.len % (CODE_BITS / 8) || (size_t)offsets.len != (count + 1) * 8 || work.len != 24 || count >> 32 ||
        radius < 0 || radius > CODE_BITS || (by_slots && !archive.slots)) {
        refuse("the queries do not fit");
        goto out;
    }
    int result = FINE;
    Py_BEGIN_ALLOW_THREADS;
    if (by_slots) {
        result = kernel->probe(&archive, queries.buf, count, radius, &hits, offsets.buf, work.buf);
    } else {
        result = kernel->scan(&archive, queries.buf, count, radius, &hits);
        if (!result)
            result = hits_order_by_query(&hits, count, offsets.buf);
    }
    Py_END_ALLOW_THREADS;
    found = result ? failed_with(result) : hits_bytes(&hits, 0);
out:
    hits_free(&hits);
    PyBuffer_Release(&image);
    PyBuffer_Release(&plan);
    PyBuffer_Release(&sums);
    PyBuffer_Release(&seen);
    PyBuffer_Release(&queries);
    PyBuffer_Release(&offsets);
    PyBuffer_Release(&work);
    return found;
}

static PyObject *join(PyObject *module, PyObject *args)
{
    (void)module;
    const char *name;
    Py_buffer image, plan, sorted, standing;
    int radius, slot;
    Py_ssize_t room;
    if (!PyArg_ParseTuple(args, "sy*y*iy*inw*", &name, &image, &plan, &slot, &sorted, &radius, &room, &standing))
        return NULL;
    PyObject *found = NULL;
    Archive archive;
    Hits hits = {0};
    Py_buffer nothing = {0};
    const Kernel *kernel = kernel_named(name);
    if (!kernel || archive_read(&archive, &image, &plan, &nothing, &nothing))
        goto out;
    if (slot < 0 || slot >= archive.slots || (size_t)sorted.len != archive.count * (CODE_BITS / 8) ||
        standing.len != sizeof(Standing) || room < 1) {
        refuse("the join does not fit");
        goto out;
    }
    int result = hits_reserve(&hits, (size_t)room);
    Py_BEGIN_ALLOW_THREADS;
    if (!result)
        result = kernel->join(&archive, slot, sorted.buf, radius, standing.buf, &hits);
    Py_END_ALLOW_THREADS;
    if (result == NO_MEMORY) {
        failed_with(result);
        goto out;
    }
    PyObject *pairs = hits_bytes(&hits, 1);
    if (pairs)
        found = Py_BuildValue("(NO)", pairs, result == FINE ? Py_True : Py_False);
out:
    hits_free(&hits);
    PyBuffer_Release(&image);
    PyBuffer_Release(&plan);
    PyBuffer_Release(&sorted);
    PyBuffer_Release(&standing);
    return found;
}

static PyObject *reorder(PyObject *module, PyObject *args)
{
    (void)module;
    Py_buffer codes, table, rows;
    if (!PyArg_ParseTuple(args, "y*y*w*", &codes, &table, &rows))
        return NULL;
    int fits = codes.len == rows.len && codes.len % (CODE_BITS / 8) == 0 && table.len == 32 * 256 * 32;
    if (fits) {
        Py_BEGIN_ALLOW_THREADS;
        codes_reorder(codes.buf, (size_t)codes.len / (CODE_BITS / 8), table.buf, rows.buf);
        Py_END_ALLOW_THREADS;
    } else {
        refuse("codes, table and rows do not fit");
    }
    PyBuffer_Release(&codes);
    PyBuffer_Release(&table);
    PyBuffer_Release(&rows);
    return fits ? Py_NewRef(Py_None) : NULL;
}

static PyObject *sort_slot(PyObject *module, PyObject *args)
{
    (void)module;
    Py_buffer rows, starts, ids, ahead;
    unsigned int first_bit, width, ahead_bit;
    if (!PyArg_ParseTuple(args, "y*IIIw*w*w*", &rows, &first_bit, &width, &ahead_bit, &starts, &ids, &ahead))
        return NULL;
    size_t count = (size_t)rows.len / (CODE_BITS / 8);
    int fits = rows.len % (CODE_BITS / 8) == 0 && width <= WIDEST_SLOT && first_bit <= CODE_BITS - width &&
               ahead_bit <= CODE_BITS - LOOKED_AHEAD && !(count >> 32) &&
               (size_t)starts.len == (((size_t)1 << width) + 1) * 4 && (size_t)ids.len == count * 4 &&
               (size_t)ahead.len == count * 2;
    int result = FINE;
    if (fits) {
        Py_BEGIN_ALLOW_THREADS;
        result = slot_sort(rows.buf, count, first_bit, width, ahead_bit, starts.buf, ids.buf, ahead.buf);
        Py_END_ALLOW_THREADS;
    } else {
        refuse("the slot does not fit");
    }
    PyBuffer_Release(&rows);
    PyBuffer_Release(&starts);
    PyBuffer_Release(&ids);
    PyBuffer_Release(&ahead);
    if (result)
        return failed_with(result);
    return fits ? Py_NewRef(Py_None) : NULL;
}

static PyObject *checksums(PyObject *module, PyObject *args)
{
    (void)module;
    Py_buffer bytes, sums;
    Py_ssize_t block;
    if (!PyArg_ParseTuple(args, "y*nw*", &bytes, &block, &sums))
        return NULL;
    int fits = block > 0 && sums.len == (bytes.len + block - 1) / block * 4;
    if (fits) {
        Py_BEGIN_ALLOW_THREADS;
        uint32_t *sum = sums.buf;
        for (Py_ssize_t from = 0; from < bytes.len; from += block)
            *sum++ = checksum((const uint8_t *)bytes.buf + from,
                              (size_t)(bytes.len - from < block ? bytes.len - from : block));
        Py_END_ALLOW_THREADS;
    } else {
        refuse("not one checksum for each block");
    }
    PyBuffer_Release(&bytes);
    PyBuffer_Release(&sums);
    return fits ? Py_NewRef(Py_None) : NULL;
}

static PyObject *votes(PyObject *module, PyObject *args)
{
    (void)module;
    Py_buffer image, plan, sums, seen, sought, table, scores;
    if (!PyArg_ParseTuple(args, "y*y*y*y*y*y*w*", &image, &plan, &sums, &seen, &sought, &table, &scores))
        return NULL;
    enum { IDS_AT, SIGNATURES_AT, POSTINGS, CHECKED_FROM, CHECKED_TO, BLOCK_SHIFT, OF_VOTES };
    const uint64_t *number = plan.buf;
    const Sought *list = sought.buf;
    size_t count = (size_t)sought.len / sizeof *list;
    int result = FINE, fits = plan.len == OF_VOTES * 8 && sought.len % (Py_ssize_t)sizeof *list == 0 &&
                              table.len && table.len <= (SIGNATURE_BITS + 1) * 4 && !(scores.len % 4);
    Postings postings = {0};
    if (fits) {
        postings.image = (Image){image.buf, (size_t)image.len, number[CHECKED_FROM], number[CHECKED_TO],
                                 (int)number[BLOCK_SHIFT], NULL, NULL};
        const Image *bytes = &postings.image;
        fits = bytes->to <= bytes->size && bytes->from <= bytes->to && number[BLOCK_SHIFT] <= 40 &&
               !(number[POSTINGS] >> 40) && number[SIGNATURES_AT] % 8 == 0 &&
               lies_within(bytes, number[IDS_AT], number[POSTINGS] * 4) &&
               lies_within(bytes, number[SIGNATURES_AT], number[POSTINGS] * 8);
    }
    if (fits && sums.len) {
        uint64_t blocks = (number[CHECKED_TO] - number[CHECKED_FROM] + ((1ull << number[BLOCK_SHIFT]) - 1)) >>
                          number[BLOCK_SHIFT];
        fits = (uint64_t)sums.len == blocks * 4 && (uint64_t)seen.len == blocks;
        postings.image.sums = sums.buf;
        postings.image.seen = seen.buf;
    }
    for (size_t i = 0; fits && i < count; i++)
        fits = list[i].first <= list[i].last && list[i].last <= number[POSTINGS];
    if (fits) {
        postings.ids_at = number[IDS_AT];
        postings.signatures_at = number[SIGNATURES_AT];
        postings.count = number[POSTINGS];
        postings.ids = (const uint32_t *)((const uint8_t *)image.buf + number[IDS_AT]);
        postings.signatures = (const uint64_t *)((const uint8_t *)image.buf + number[SIGNATURES_AT]);
        Py_BEGIN_ALLOW_THREADS;
        result = votes_count(&postings, list, count, table.buf, (int)(table.len / 4) - 1, scores.buf,
                             (size_t)scores.len / 4);
        Py_END_ALLOW_THREADS;
    } else {
        refuse("the lists do not fit");
    }
    PyBuffer_Release(&image);
    PyBuffer_Release(&plan);
    PyBuffer_Release(&sums);
    PyBuffer_Release(&seen);
    PyBuffer_Release(&sought);
    PyBuffer_Release(&table);
    PyBuffer_Release(&scores);
    if (result)
        return failed_with(result);
    return fits ? Py_NewRef(Py_None) : NULL;
}

static PyObject *nearest(PyObject *module, PyObject *args)
{
    (void)module;
    Py_buffer ours, theirs, shorter, best, first, second;
    if (!PyArg_ParseTuple(args, "y*y*y*w*w*w*", &ours, &theirs, &shorter, &best, &first, &second))
        return NULL;
    Py_ssize_t count = ours.len / PARTS, others = theirs.len / PARTS;
    int fits = ours.len % PARTS == 0 && theirs.len % PARTS == 0 && shorter.len == others * 4 && best.len == count * 4 &&
               first.len == count * 4 && second.len == count * 4 && others <= INT32_MAX;
    if (fits) {
        Py_BEGIN_ALLOW_THREADS;
        nearest_two(ours.buf, (size_t)count, theirs.buf, shorter.buf, (size_t)others, best.buf, first.buf, second.buf);
        Py_END_ALLOW_THREADS;
    } else {
        refuse("the descriptors do not fit");
    }
    PyBuffer_Release(&ours);
    PyBuffer_Release(&theirs);
    PyBuffer_Release(&shorter);
    PyBuffer_Release(&best);
    PyBuffer_Release(&first);
    PyBuffer_Release(&second);
    return fits ? Py_NewRef(Py_None) : NULL;
}

static PyObject *kernels(PyObject *module, PyObject *nothing)
{
    (void)module;
    (void)nothing;
    PyObject *names = PyList_New(0);
    for (int i = 0; names && kernels_here[i]; i++) {
        PyObject *name = PyUnicode_FromString(kernels_here[i]->name);
        if (!name || PyList_Append(names, name))
            Py_CLEAR(names);
        Py_XDECREF(name);
    }
    PyObject *all = names ? PyList_AsTuple(names) : NULL;
    Py_XDECREF(names);
    return all;
}

static PyMethodDef methods[] = {
    {"kernels", kernels, METH_NOARGS, "The kernels that this processor can run, the fastest first."},
    {"search", search, METH_VARARGS, "Ids and distances of what lies within the radius of each query."},
    {"join", join, METH_VARARGS, "Pairs within the radius that one slot reports, and whether these were the last."},
    {"reorder", reorder, METH_VARARGS, "Writes codes with their bits in another order."},
    {"sort_slot", sort_slot, METH_VARARGS, "Writes the postings of one slot."},
    {"checksums", checksums, METH_VARARGS, "Writes the CRC-32 of each block."},
    {"votes", votes, METH_VARARGS, "Adds up what the lists of an inverted index say of each record."},
    {"nearest", nearest, METH_VARARGS, "Writes which descriptor is nearest to each, and how near it and the next are."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "kernels", "Search among codes of 256 bits, compiled.", -1, methods, NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit_kernels(void)
{
    find_kernels();
    PyObject *module = PyModule_Create(&definition);
    damaged_error = PyErr_NewException("witnessmark.match.native.kernels.DamagedError", NULL, NULL);
    if (!module || !damaged_error || PyModule_AddObjectRef(module, "DamagedError", damaged_error)) {
        Py_XDECREF(module);
        return NULL;
    }
    return module;
}
