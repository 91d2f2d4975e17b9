/* A libcuda whose kernels do nothing: all functions that ILGPU and this project import, over memory of the host that begins as zeros. It is
   as strict as the documentation allows a driver to be: a call without a context, a handle that isn't there, memory given back twice or a
   copy past a block's end is an error, and counts as a mistake, as is what can't be captured while a stream is. At the process's end it
   writes what it counted, a line each, to the file that STAND_IN_COUNTS names; STAND_IN_TRACE names one that gets a line for each piece of
   work as it is asked for. How it behaves is said by the environment, too; see "settings". */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef int CUresult;
typedef char *Memory;

enum
{
    OK, INVALID_VALUE, OUT_OF_MEMORY, NO_DEVICE = 100, INVALID_DEVICE, INVALID_CONTEXT = 201, INVALID_HANDLE = 400, LAUNCH_FAILED = 719
};

/* Settings: how many devices there are, their compute capability (80: 8.0) and memory; the driver's CUDA version; what cuInit, opening a
   device and loading a kernel give in place of 0; and after how many launches the device is lost, whereupon all that needs a
   context gives 719; what instantiating a graph gives in place of 0; which of the calls that need a context fails, counted from 1, and
   with what: 719 for good, another code once; STAND_IN_REJECTS is what the text of a kernel may not hold. */
static long devices, capability, driver, init, memory, open_fails, load_fails, lost_after, graph_fails, fails_at, fails_with;

/* What is counted. */
#define COUNTERS(_) \
    _(calls) _(contexts) _(contexts_destroyed) _(streams) _(streams_destroyed) _(events) _(events_destroyed) _(modules) \
    _(modules_unloaded) \
    _(allocations) _(frees) _(host_allocations) _(host_frees) _(host_bytes) _(used_at_most) _(used_at_end) \
    _(copies_up) _(bytes_up) _(copies_down) _(bytes_down) _(copies_across) _(copies_of_pageable_memory) _(memsets) _(launches) _(records) \
    _(captures) _(graphs) _(graphs_destroyed) _(graph_launches) _(on_the_null_stream) _(waits_for_context) _(waits_for_stream) _(waits_for_event) _(calls_when_lost) _(mistakes)
#define DECLARE(name) static long name;
COUNTERS(DECLARE)

/* Handles and memory that were handed out, in a list for each kind. */
typedef struct Item
{
    struct Item *next;
    Memory begin;
    size_t bytes; /* of a graph: its launches */
} Item;

static Item *contexts_now, *streams_now, *events_now, *modules_now, *blocks, *pages, *graphs_now, *ready_graphs;
static Item *captured; /* the graph that is being captured */
static FILE *trace;
static __thread Item *current;
static int lost;
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

static long setting(const char *name, long otherwise)
{
    const char *text = getenv(name);
    return text ? atol(text) : otherwise;
}

__attribute__((constructor)) static void begin(void)
{
    devices = setting("STAND_IN_DEVICES", 1);
    capability = setting("STAND_IN_CAPABILITY", 80);
    driver = setting("STAND_IN_DRIVER", 12040);
    init = setting("STAND_IN_INIT", OK);
    memory = setting("STAND_IN_MEMORY", 1L << 30);
    open_fails = setting("STAND_IN_OPEN", OK);
    load_fails = setting("STAND_IN_LOAD", OK);
    lost_after = setting("STAND_IN_LOST_AFTER", -1);
    graph_fails = setting("STAND_IN_GRAPHS", OK);
    fails_at = setting("STAND_IN_FAILS_AT", -1);
    fails_with = setting("STAND_IN_FAILS_WITH", LAUNCH_FAILED);
    const char *name = getenv("STAND_IN_TRACE");
    trace = name ? fopen(name, "w") : NULL;
}

__attribute__((destructor)) static void end(void)
{
    const char *name = getenv("STAND_IN_COUNTS");
    FILE *file = name ? fopen(name, "w") : NULL;
    if (!file)
        return;
    for (Item *block = blocks; block; block = block->next)
        used_at_end += (long)block->bytes;
#define WRITE(name) fprintf(file, #name " %ld\n", name);
    COUNTERS(WRITE)
    fclose(file);
    if (trace)
        fclose(trace);
}

#define TRACE(...) if (trace) fprintf(trace, __VA_ARGS__)

static Item *add(Item **list, Memory begin, size_t bytes)
{
    Item *item = malloc(sizeof *item);
    *item = (Item){*list, begin, bytes};
    return *list = item;
}

/* The item that is a handle, or that memory lies in. */
static Item *find(Item *list, const void *handle, const char *in)
{
    while (list && !(handle ? list == handle : in >= list->begin && in < list->begin + list->bytes))
        list = list->next;
    return list;
}

static void drop(Item **list, Item *item)
{
    while (*list != item)
        list = &(*list)->next;
    *list = item->next;
    free(item->begin);
    free(item);
}

static CUresult leave(CUresult code)
{
    pthread_mutex_unlock(&gate);
    return code;
}

static CUresult mistake(CUresult code)
{
    mistakes++;
    return leave(code);
}

#define ENTER pthread_mutex_lock(&gate)
/* What waits, or copies, breaks a capture. */
#define NOT_CAPTURED \
    if (captured) \
        return mistake(900) /* CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED */
/* Every call that a context is needed for fails alike once its device is lost. */
#define ENTER_CONTEXT \
    ENTER; \
    if (!find(contexts_now, current, NULL) || !current) \
        return mistake(INVALID_CONTEXT); \
    if (lost) \
        return calls_when_lost++, leave(LAUNCH_FAILED); \
    if (++calls == fails_at) \
        return lost = fails_with == LAUNCH_FAILED, leave((CUresult)fails_with)

static CUresult on_stream(void *stream)
{
    on_the_null_stream += !stream;
    return stream && !find(streams_now, stream, NULL) ? INVALID_HANDLE : OK;
}

static CUresult destroy(Item **list, void *handle, long *counter)
{
    Item *item = handle ? find(*list, handle, NULL) : NULL;
    if (!item)
        return mistake(INVALID_HANDLE);
    drop(list, item);
    ++*counter;
    return leave(OK);
}

/* The driver and its devices. */
CUresult cuInit(unsigned flags) { return flags ? INVALID_VALUE : devices ? (CUresult)init : NO_DEVICE; }
CUresult cuDriverGetVersion(int *version) { *version = (int)driver; return OK; }
CUresult cuGetErrorString(CUresult error, const char **words)
{
    *words = error == OUT_OF_MEMORY ? "out of memory"
        : error == 46 ? "CUDA-capable device(s) is/are busy or unavailable"
        : error == 218 ? "a PTX JIT compilation failed"
        : error == LAUNCH_FAILED ? "unspecified launch failure"
        : error == 803 ? "system has unsupported display driver / cuda driver combination"
        : NULL;
    return *words ? OK : INVALID_VALUE;
}
CUresult cuDeviceGetCount(int *count) { *count = (int)devices; return OK; }
CUresult cuDeviceGet(int *device, int ordinal) { *device = ordinal; return ordinal < devices ? OK : INVALID_DEVICE; }
CUresult cuDeviceGetName(char *name, int length, int device) { snprintf(name, (size_t)length, "Stand-In %d", device); return OK; }
CUresult cuDeviceTotalMem_v2(size_t *bytes, int device) { *bytes = (size_t)memory; return OK; }
CUresult cuDeviceGetAttribute(int *value, int attribute, int device)
{
    static const int known[][2] = {
        {1, 1024}, {2, 1024}, {3, 1024}, {4, 64}, {5, 0x7FFFFFFF}, {6, 65535}, {7, 65535}, {8, 49152}, {9, 65536}, {10, 32},
        {11, 0x7FFFFFFF}, {12, 65536}, {13, 1410000}, {16, 108}, {19, 1}, {35, 0}, {32, 1}, {36, 1215000}, {37, 5120},
        {38, 41943040}, {39, 2048}, {40, 3}, {81, 167936}, {82, 65536},
        {83, 1}, {90, 1}, {91, 1}, {34, 0}, {50, 0},
    };
    /* the PCI bus is 33: ILGPU takes two devices in one place for the same */
    *value = attribute == 75 ? (int)capability / 10 : attribute == 76 ? (int)capability % 10 : attribute == 33 ? device : -1;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i][0] == attribute)
            *value = known[i][1];
    return *value < 0 ? INVALID_VALUE : OK;
}
CUresult cuDeviceCanAccessPeer(int *can, int device, int peer) { *can = 0; return OK; }
CUresult cuDeviceGetP2PAttribute(int *value, int attribute, int from, int to) { *value = 0; return OK; }

/* Contexts. */
CUresult cuCtxCreate_v2(void **context, unsigned flags, int device)
{
    ENTER;
    if (device >= devices)
        return mistake(INVALID_DEVICE);
    if (open_fails)
        return leave((CUresult)open_fails);
    contexts++;
    *context = current = add(&contexts_now, NULL, 0);
    return leave(OK);
}
CUresult cuCtxDestroy_v2(void *context)
{
    ENTER;
    Item *item = context ? find(contexts_now, context, NULL) : NULL;
    if (!item)
        return mistake(INVALID_CONTEXT);
    if (current == item)
        current = NULL;
    drop(&contexts_now, item);
    contexts_destroyed++;
    return leave(lost ? LAUNCH_FAILED : OK);
}
CUresult cuCtxSetCurrent(void *context)
{
    ENTER;
    if (context && !find(contexts_now, context, NULL))
        return mistake(INVALID_CONTEXT);
    current = context;
    if (context && lost) /* "may also return error codes from previous, asynchronous launches" */
        return calls_when_lost++, leave(LAUNCH_FAILED);
    return leave(OK);
}
CUresult cuCtxSynchronize(void) { ENTER_CONTEXT; NOT_CAPTURED; waits_for_context++; return leave(OK); }
CUresult cuCtxGetCacheConfig(int *config) { ENTER_CONTEXT; *config = 0; return leave(OK); }
CUresult cuCtxSetCacheConfig(int config) { ENTER_CONTEXT; return leave(OK); }
CUresult cuCtxGetSharedMemConfig(int *config) { ENTER_CONTEXT; *config = 0; return leave(OK); }
CUresult cuCtxSetSharedMemConfig(int config) { ENTER_CONTEXT; return leave(OK); }
CUresult cuCtxEnablePeerAccess(void *peer, unsigned flags) { ENTER_CONTEXT; return leave(217); }
CUresult cuCtxDisablePeerAccess(void *peer) { ENTER_CONTEXT; return leave(705); }

/* Memory. */
static long used(void)
{
    long sum = 0;
    for (Item *block = blocks; block; block = block->next)
        sum += (long)block->bytes;
    return sum;
}
CUresult cuMemGetInfo_v2(size_t *free_bytes, size_t *total)
{
    ENTER_CONTEXT;
    *total = (size_t)memory;
    *free_bytes = (size_t)(memory - used());
    return leave(OK);
}
CUresult cuMemAlloc_v2(Memory *block, size_t bytes)
{
    ENTER_CONTEXT;
    if (!bytes)
        return mistake(INVALID_VALUE);
    long before = used();
    if ((long)bytes > memory - before)
        return leave(OUT_OF_MEMORY);
    *block = calloc(1, bytes);
    add(&blocks, *block, bytes);
    allocations++;
    if (before + (long)bytes > used_at_most)
        used_at_most = before + (long)bytes;
    return leave(OK);
}
CUresult cuMemFree_v2(Memory block)
{
    ENTER_CONTEXT;
    if (!block) /* a block that couldn't be allocated, which ILGPU gives back nevertheless */
        return leave(OK);
    Item *item = find(blocks, NULL, block);
    if (!item || item->begin != block)
        return mistake(INVALID_VALUE);
    drop(&blocks, item);
    frees++;
    return leave(OK);
}
CUresult cuMemAllocHost_v2(Memory *page, size_t bytes)
{
    ENTER_CONTEXT;
    *page = calloc(1, bytes);
    add(&pages, *page, bytes);
    host_allocations++;
    host_bytes += (long)bytes;
    return leave(OK);
}
CUresult cuMemFreeHost(Memory page)
{
    ENTER_CONTEXT;
    Item *item = page ? find(pages, NULL, page) : NULL;
    if (!item || item->begin != page)
        return mistake(INVALID_VALUE);
    drop(&pages, item);
    host_frees++;
    return leave(OK);
}
CUresult cuMemHostRegister_v2(void *page, size_t bytes, unsigned flags) { ENTER_CONTEXT; return leave(OK); }
CUresult cuMemHostUnregister(void *page) { ENTER_CONTEXT; return leave(OK); }
CUresult cuMemHostGetDevicePointer_v2(Memory *block, void *page, unsigned flags)
{
    ENTER_CONTEXT;
    *block = page;
    return leave(OK);
}
CUresult cuPointerGetAttribute(void *value, int attribute, Memory block)
{
    ENTER_CONTEXT;
    Item *item = find(blocks, NULL, block);
    *(int *)value = item ? 2 : 1; /* CU_MEMORYTYPE_DEVICE, _HOST */
    return item || find(pages, NULL, block) ? leave(OK) : leave(INVALID_VALUE);
}

/* Work, done at once. */
static int reaches_beyond(Item *item, Memory from, size_t bytes) { return item && from + bytes > item->begin + item->bytes; }

CUresult cuMemcpyAsync(Memory to, Memory from, size_t bytes, void *stream)
{
    ENTER_CONTEXT;
    Item *target = find(blocks, NULL, to), *source = find(blocks, NULL, from), *host = find(pages, NULL, target ? from : to);
    if (on_stream(stream) || (!target && !source) || reaches_beyond(target, to, bytes) || reaches_beyond(source, from, bytes)
        || reaches_beyond(host, target ? from : to, bytes))
        return mistake(INVALID_VALUE);
    NOT_CAPTURED;
    TRACE("copy %s %zu\n", !target ? "down" : source ? "across" : "up", bytes);
    copies_across += target && source;
    copies_up += target && !source;
    copies_down += !target;
    bytes_up += target && !source ? (long)bytes : 0;
    bytes_down += !target ? (long)bytes : 0;
    copies_of_pageable_memory += !(target && source) && !host;
    memmove(to, from, bytes);
    return leave(OK);
}
CUresult cuMemsetD8Async(Memory to, unsigned char value, size_t bytes, void *stream)
{
    ENTER_CONTEXT;
    Item *target = find(blocks, NULL, to);
    if (on_stream(stream) || !target || reaches_beyond(target, to, bytes))
        return mistake(INVALID_VALUE);
    memset(to, value, bytes);
    memsets++;
    return leave(OK);
}
CUresult cuMemsetD32Async(Memory to, unsigned word, size_t words, void *stream)
{
    ENTER_CONTEXT;
    Item *target = find(blocks, NULL, to);
    if (on_stream(stream) || !target || reaches_beyond(target, to, words * 4) || !words)
        return mistake(INVALID_VALUE);
    TRACE("set %p %zu\n", (void *)to, words);
    if (captured)
        return leave(OK);
    for (size_t i = 0; i < words; i++)
        memcpy(to + (i * 4), &word, 4);
    memsets++;
    return leave(OK);
}
CUresult cuLaunchKernel(
    void *function, unsigned x, unsigned y, unsigned z, unsigned threads_x, unsigned threads_y, unsigned threads_z, unsigned shared,
    void *stream, void **arguments, void **extra)
{
    ENTER_CONTEXT;
    uint64_t threads = (uint64_t)threads_x * threads_y * threads_z;
    if (on_stream(stream) || !function || !find(modules_now, function, NULL))
        return mistake(INVALID_HANDLE);
    if (!x || !y || !z || y > 65535 || z > 65535 || !threads || threads > 1024)
        return mistake(INVALID_VALUE);
    /* CU_LAUNCH_PARAM_BUFFER_POINTER, _SIZE, _END */
    if (arguments || !extra || extra[0] != (void *)1 || extra[2] != (void *)2 || extra[4] || *(size_t *)extra[3] > 4096)
        return mistake(INVALID_VALUE);
    uint64_t hash = 14695981039346656037u; /* FNV-1a, of all arguments */
    for (size_t i = 0; i < *(size_t *)extra[3]; i++)
        hash = (hash ^ ((unsigned char *)extra[1])[i]) * 1099511628211u;
    TRACE("launch %p %ux%u %llx\n", function, x, y, (unsigned long long)hash);
    if (captured)
    {
        captured->bytes++;
        return leave(OK);
    }
    launches++;
    if (lost_after < 0 || launches <= lost_after)
        return leave(OK);
    lost = 1;
    return leave(LAUNCH_FAILED);
}

/* Streams and marks. */
CUresult cuStreamCreate(void **stream, unsigned flags)
{
    ENTER_CONTEXT;
    streams++;
    *stream = add(&streams_now, NULL, 0);
    return leave(OK);
}
CUresult cuStreamCreateWithPriority(void **stream, unsigned flags, int priority) { return cuStreamCreate(stream, flags); }
CUresult cuStreamDestroy_v2(void *stream) { ENTER_CONTEXT; return destroy(&streams_now, stream, &streams_destroyed); }
CUresult cuStreamSynchronize(void *stream)
{
    ENTER_CONTEXT;
    NOT_CAPTURED;
    waits_for_stream++;
    return on_stream(stream) ? mistake(INVALID_HANDLE) : leave(OK);
}
CUresult cuEventCreate(void **event, unsigned flags)
{
    ENTER_CONTEXT;
    events++;
    *event = add(&events_now, NULL, 0);
    return leave(OK);
}
CUresult cuEventDestroy_v2(void *event) { ENTER_CONTEXT; return destroy(&events_now, event, &events_destroyed); }
CUresult cuEventRecord(void *event, void *stream)
{
    ENTER_CONTEXT;
    records++;
    return on_stream(stream) || !event || !find(events_now, event, NULL) ? mistake(INVALID_HANDLE) : leave(OK);
}
CUresult cuEventQuery(void *event)
{
    ENTER_CONTEXT;
    return event && find(events_now, event, NULL) ? leave(OK) : mistake(INVALID_HANDLE);
}
CUresult cuEventSynchronize(void *event)
{
    ENTER_CONTEXT;
    NOT_CAPTURED;
    waits_for_event++;
    return event && find(events_now, event, NULL) ? leave(OK) : mistake(INVALID_HANDLE);
}
CUresult cuEventElapsedTime(float *milliseconds, void *from, void *to)
{
    ENTER_CONTEXT;
    *milliseconds = 0.25f;
    return from && to && find(events_now, from, NULL) && find(events_now, to, NULL) ? leave(OK) : mistake(INVALID_HANDLE);
}

/* Graphs: a graph is a number of launches. */
CUresult cuStreamBeginCapture_v2(void *stream, int mode)
{
    ENTER_CONTEXT;
    if (!stream || on_stream(stream) || mode != 2 || captured)
        return mistake(INVALID_VALUE);
    captures++;
    TRACE("begin capture\n");
    captured = add(&graphs_now, NULL, 0);
    return leave(OK);
}
CUresult cuStreamEndCapture(void *stream, void **graph)
{
    ENTER_CONTEXT;
    if (!captured)
        return mistake(INVALID_VALUE);
    TRACE("end capture %zu\n", captured->bytes);
    *graph = captured;
    captured = NULL;
    return leave(OK);
}
CUresult cuGraphInstantiateWithFlags(void **ready, void *graph, unsigned long long flags)
{
    ENTER_CONTEXT;
    Item *item = graph ? find(graphs_now, graph, NULL) : NULL;
    if (!item || flags)
        return mistake(INVALID_HANDLE);
    if (graph_fails)
        return leave((CUresult)graph_fails);
    graphs++;
    *ready = add(&ready_graphs, NULL, item->bytes);
    return leave(OK);
}
CUresult cuGraphLaunch(void *ready, void *stream)
{
    ENTER_CONTEXT;
    Item *item = ready ? find(ready_graphs, ready, NULL) : NULL;
    if (!item || on_stream(stream) || captured)
        return mistake(INVALID_HANDLE);
    TRACE("graph %zu\n", item->bytes);
    graph_launches++;
    launches += (long)item->bytes;
    if (lost_after < 0 || launches <= lost_after)
        return leave(OK);
    lost = 1;
    return leave(LAUNCH_FAILED);
}
CUresult cuGraphDestroy(void *graph)
{
    static long destroyed;
    ENTER_CONTEXT;
    return destroy(&graphs_now, graph, &destroyed);
}
CUresult cuGraphExecDestroy(void *ready) { ENTER_CONTEXT; return destroy(&ready_graphs, ready, &graphs_destroyed); }

/* Kernels. */
CUresult cuModuleLoadDataEx(void **module, const char *text, unsigned count, int *options, void **values)
{
    ENTER_CONTEXT;
    for (unsigned i = 0; load_fails && i < count; i++)
        if (options[i] == 5) /* CU_JIT_ERROR_LOG_BUFFER */
            strcpy(values[i], "ptxas application ptx input, line 7; fatal : Parsing error");
    if (load_fails)
        return leave((CUresult)load_fails);
    if (getenv("STAND_IN_REJECTS") && strstr(text, getenv("STAND_IN_REJECTS")))
        return leave(218);
    if (!strstr(text, ".entry"))
        return mistake(INVALID_VALUE);
    modules++;
    *module = add(&modules_now, NULL, 0);
    return leave(OK);
}
CUresult cuModuleLoadData(void **module, const char *text) { return cuModuleLoadDataEx(module, text, 0, NULL, NULL); }
CUresult cuModuleUnload(void *module) { ENTER_CONTEXT; return destroy(&modules_now, module, &modules_unloaded); }
CUresult cuModuleGetFunction(void **function, void *module, const char *name)
{
    ENTER_CONTEXT;
    *function = module;
    return module && find(modules_now, module, NULL) ? leave(OK) : mistake(INVALID_HANDLE);
}
CUresult cuOccupancyMaxActiveBlocksPerMultiprocessor(int *count, void *function, int threads, size_t shared)
{
    *count = 4;
    return OK;
}
CUresult cuOccupancyMaxPotentialBlockSize(int *grid, int *threads, void *function, void *shared_of, size_t shared, int most)
{
    *grid = 108;
    *threads = 256;
    return OK;
}
