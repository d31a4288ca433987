/* The Python module `witnessmark.pixels.native.kernels`: flat functions over buffers.
 *
 * The caller (`witnessmark.pixels.engine`) shapes and checks what it gives; what would read or write outside
 * of a buffer is refused here again. Every long step runs without the interpreter's lock.
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define SIDE 64
#define UNIT_BITS 24 /* as in reduction.py */
#define HALF_UNIT ((uint64_t)1 << (UNIT_BITS - 1))
#define STRIP 4096   /* so many sums are held near while rows are added to them */
#define MOST_FACTOR 4096
#define CELL 6   /* half a side of a block */
#define SHIFTS 9 /* theirs is looked at where it lies and a pixel to every side */
#define MOST_OVER 4096

typedef struct {
    const uint8_t *first;
    ptrdiff_t stride;
    size_t height, width, channels;
} Pixels;

/* For each of 64 places along a side: its first sample, how many count, and how much. */
typedef struct {
    const int64_t *start, *length;
    const uint32_t *weight;
    size_t longest;
} Places;

/* Two pictures of one size, one over the other; theirs has a line of samples more around it. */
typedef struct {
    const uint8_t *ours, *theirs;
    size_t height, width;
} Over;

typedef struct {
    const char *name;
    void (*reduce)(const Pixels *pixels, const Places *rows, const Places *columns, uint32_t *sums, uint32_t *reduced);
    void (*shrink)(const Pixels *pixels, size_t factor, uint32_t *sums, uint8_t *shrunk);
    void (*overlay)(const Over *over, uint32_t *columns, uint32_t *cells, uint32_t *sums);
} Kernel;

#define TARGET
#define NAMED(name) name##_scalar
#include "sums.h"
#undef TARGET
#undef NAMED
static const Kernel kernel_scalar = {"scalar", reduce_scalar, shrink_scalar, overlay_scalar};

#if defined(__x86_64__) && defined(__GNUC__)
#define TARGET __attribute__((target("avx2")))
#define NAMED(name) name##_avx2
#include "sums.h"
#undef TARGET
#undef NAMED
static const Kernel kernel_avx2 = {"avx2", reduce_avx2, shrink_avx2, overlay_avx2};
#endif

/* The kernels that this processor can run, the fastest first. */
static const Kernel *kernels_here[3];

static void find_kernels(void)
{
    int found = 0;
#if defined(__x86_64__) && defined(__GNUC__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2"))
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

static PyObject *refuse(const char *what)
{
    PyErr_SetString(PyExc_ValueError, what);
    return NULL;
}

/* Pixels [height, width, channels] of which each row lies in one piece, the rows anywhere. */
static int pixels_read(Pixels *pixels, const Py_buffer *view)
{
    if (view->ndim != 3 || view->itemsize != 1 || view->shape[0] < 1 || view->shape[1] < 1 || view->shape[2] < 1 ||
        view->shape[2] > 4 || view->strides[2] != 1 || view->strides[1] != view->shape[2])
        return 0;
    *pixels = (Pixels){view->buf, view->strides[0], (size_t)view->shape[0], (size_t)view->shape[1],
                       (size_t)view->shape[2]};
    return 1;
}

static int places_read(Places *places, const Py_buffer *starts, const Py_buffer *lengths, const Py_buffer *weights,
                       size_t side)
{
    if (starts->len != SIDE * 8 || lengths->len != SIDE * 8 || !weights->len || weights->len % (SIDE * 4))
        return 0;
    *places = (Places){starts->buf, lengths->buf, weights->buf, (size_t)weights->len / (SIDE * 4)};
    for (int i = 0; i < SIDE; i++) {
        int64_t start = places->start[i], length = places->length[i];
        if (start < 0 || length < 1 || (size_t)length > places->longest || (size_t)start >= side ||
            (size_t)length > side - (size_t)start)
            return 0;
    }
    return 1;
}

static PyObject *reduce(PyObject *module, PyObject *args)
{
    (void)module;
    const char *name;
    PyObject *given, *done = NULL;
    Py_buffer view, out, along[6];
    if (!PyArg_ParseTuple(args, "sOy*y*y*y*y*y*w*", &name, &given, &along[0], &along[1], &along[2], &along[3],
                          &along[4], &along[5], &out))
        return NULL;
    const Kernel *kernel = kernel_named(name);
    if (kernel && !PyObject_GetBuffer(given, &view, PyBUF_STRIDED_RO)) {
        Pixels pixels;
        Places rows, columns;
        uint32_t *sums = NULL;
        if (!pixels_read(&pixels, &view) || !places_read(&rows, &along[0], &along[1], &along[2], pixels.height) ||
            !places_read(&columns, &along[3], &along[4], &along[5], pixels.width) ||
            (size_t)out.len != pixels.channels * SIDE * SIDE * 4) {
            refuse("pixels, weights and room do not fit");
        } else if (!(sums = malloc(pixels.width * pixels.channels * sizeof *sums))) {
            PyErr_NoMemory();
        } else {
            Py_BEGIN_ALLOW_THREADS;
            kernel->reduce(&pixels, &rows, &columns, sums, out.buf);
            Py_END_ALLOW_THREADS;
            done = Py_NewRef(Py_None);
        }
        free(sums);
        PyBuffer_Release(&view);
    }
    for (int i = 0; i < 6; i++)
        PyBuffer_Release(&along[i]);
    PyBuffer_Release(&out);
    return done;
}

static PyObject *shrink(PyObject *module, PyObject *args)
{
    (void)module;
    const char *name;
    PyObject *given, *done = NULL;
    Py_buffer view, out;
    Py_ssize_t factor;
    if (!PyArg_ParseTuple(args, "sOnw*", &name, &given, &factor, &out))
        return NULL;
    const Kernel *kernel = kernel_named(name);
    if (kernel && !PyObject_GetBuffer(given, &view, PyBUF_STRIDED_RO)) {
        Pixels pixels;
        uint32_t *sums = NULL;
        if (!pixels_read(&pixels, &view) || pixels.channels != 1 || factor < 1 || factor > MOST_FACTOR ||
            (size_t)out.len != (pixels.height / (size_t)factor) * (pixels.width / (size_t)factor)) {
            refuse("pixels, factor and room do not fit");
        } else if (!(sums = malloc(pixels.width * sizeof *sums))) {
            PyErr_NoMemory();
        } else {
            Py_BEGIN_ALLOW_THREADS;
            kernel->shrink(&pixels, (size_t)factor, sums, out.buf);
            Py_END_ALLOW_THREADS;
            done = Py_NewRef(Py_None);
        }
        free(sums);
        PyBuffer_Release(&view);
    }
    PyBuffer_Release(&out);
    return done;
}

static PyObject *overlay(PyObject *module, PyObject *args)
{
    (void)module;
    const char *name;
    PyObject *done = NULL;
    Py_buffer ours, theirs, out;
    Py_ssize_t height, width;
    if (!PyArg_ParseTuple(args, "sy*y*nnw*", &name, &ours, &theirs, &height, &width, &out))
        return NULL;
    const Kernel *kernel = kernel_named(name);
    if (!kernel) {
        ;
    } else if (height < 2 * CELL || width < 2 * CELL || height > MOST_OVER || width > MOST_OVER ||
               ours.len != height * width || theirs.len != (height + 2) * (width + 2) ||
               out.len != (height / CELL - 1) * (width / CELL - 1) * (2 + 3 * SHIFTS) * 4) {
        refuse("pictures and room do not fit");
    } else {
        const Over over = {ours.buf, theirs.buf, (size_t)height, (size_t)width};
        const size_t columns = (2 + SHIFTS) * over.width + 6 * (over.width + 2);
        uint32_t *room = malloc((columns + 2 * (over.width / CELL) * (2 + 3 * SHIFTS)) * sizeof *room);
        if (!room) {
            PyErr_NoMemory();
        } else {
            Py_BEGIN_ALLOW_THREADS;
            kernel->overlay(&over, room, room + columns, out.buf);
            Py_END_ALLOW_THREADS;
            done = Py_NewRef(Py_None);
        }
        free(room);
    }
    PyBuffer_Release(&ours);
    PyBuffer_Release(&theirs);
    PyBuffer_Release(&out);
    return done;
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
    {"reduce", reduce, METH_VARARGS, "Writes the weighted sums of pixels at 64 x 64 places."},
    {"overlay", overlay, METH_VARARGS, "Writes sums over blocks of two pictures, one over the other."},
    {"shrink", shrink, METH_VARARGS, "Writes the means of squares of pixels."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "kernels", "The sums over pixels, compiled.", -1, methods, NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit_kernels(void)
{
    find_kernels();
    return PyModule_Create(&definition);
}
