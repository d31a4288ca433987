/* The Python module `witnessmark.weigh.native.kernels`: chains of the latent-class model.
 *
 * The caller (`witnessmark.weigh.estimating.engine`) shapes and checks what it gives; what would read or
 * write outside of a buffer is refused here again. A run goes without the interpreter's lock, so that
 * chains run in threads.
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "latent.h"

static int holds(const Py_buffer *buffer, Py_ssize_t numbers)
{
    return buffer->len == numbers * 8;
}

static int fits(const Model *model, const Py_buffer *pattern, const Py_buffer *count)
{
    if (model->lists < 1 || model->lists > MOST_LISTS || model->classes < 2 || model->classes > MOST_CLASSES ||
        model->patterns < 1 || !holds(count, model->patterns) || pattern->len != (Py_ssize_t)model->patterns * 4 ||
        model->reaches < 1 || model->reaches > MOST_REACHES || model->swaps < 0 || model->scalings < 0 ||
        !(model->glides >= 0) || !(model->a > 0) || !(model->b > 0) || !(model->cap > 0))
        return 0;
    for (int m = 0; m < model->patterns; m++)
        if (!model->pattern[m] || model->pattern[m] >> model->lists || !(model->count[m] > 0))
            return 0;
    for (int i = 0; i < model->reaches; i++)
        if (!(model->off[i] >= 1.0 && model->off[i] < 1e6))
            return 0;
    return 1;
}

static PyObject *run_latent(PyObject *module, PyObject *args)
{
    (void)module;
    Py_buffer pattern, count, chance, alpha, ln_weight, present, absent, unseen, reach, off, rows;
    Model model = {0};
    int kept, thin;
    if (!PyArg_ParseTuple(args, "y*y*ii(dddy*)iidw*w*w*w*w*w*w*iiw*", &pattern, &count, &model.lists,
                          &model.classes, &model.a, &model.b, &model.cap, &reach, &model.swaps, &model.scalings,
                          &model.glides, &chance, &alpha, &ln_weight, &present, &absent, &unseen, &off, &kept, &thin,
                          &rows))
        return NULL;
    model.pattern = pattern.buf;
    model.count = count.buf;
    model.patterns = pattern.len / 4 < 1 << 20 ? (int)(pattern.len / 4) : 0;
    model.off = reach.buf;
    model.reaches = reach.len % 8 ? 0 : (int)(reach.len / 8 < 1 << 20 ? reach.len / 8 : 0);
    Py_ssize_t parameters = (Py_ssize_t)model.classes * model.lists;
    int result = 0;
    int good = fits(&model, &pattern, &count) && chance.len == sizeof(Chance) && holds(&alpha, 1) &&
               holds(&ln_weight, model.classes) && holds(&present, parameters) && holds(&absent, parameters) &&
               holds(&unseen, model.classes) && holds(&off, model.classes) && kept >= 0 && thin > 0 &&
               holds(&rows, (Py_ssize_t)kept * (WEIGHTS + model.classes + parameters));
    if (good) {
        Chain chain = {chance.buf, alpha.buf, ln_weight.buf, present.buf, absent.buf, unseen.buf, off.buf};
        Py_BEGIN_ALLOW_THREADS;
        result = latent_run(&model, &chain, kept, thin, rows.buf);
        Py_END_ALLOW_THREADS;
    } else {
        PyErr_SetString(PyExc_ValueError, "table, prior and chain do not fit");
    }
    Py_buffer *all[] = {&pattern, &count, &chance, &alpha, &ln_weight, &present, &absent, &unseen, &reach, &off, &rows};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        PyBuffer_Release(all[i]);
    if (result)
        return PyErr_NoMemory();
    return good ? Py_NewRef(Py_None) : NULL;
}

static PyMethodDef methods[] = {
    {"run_latent", run_latent, METH_VARARGS, "Goes on with a chain of the latent-class model and writes draws."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "kernels", "Chains of estimates, compiled.", -1, methods, NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit_kernels(void)
{
    chance_prepare();
    return PyModule_Create(&definition);
}
