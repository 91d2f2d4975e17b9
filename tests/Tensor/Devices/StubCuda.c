/* A libcuda that computes nothing: it notes every call with the arguments as they arrive, so that a test sees what a program passes through the
   border. Types and the order of arguments are those of cuda.h; the numbers handed out don't fit 32 bits, so that a cut one shows. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

typedef int CUdevice;
typedef unsigned long long CUdeviceptr;
typedef struct handle *CUcontext, *CUmodule, *CUfunction, *CUstream, *CUevent, *CUlinkState;
typedef int CUresult, CUdevice_attribute, CUjit_option, CUjitInputType;

static char notes[1 << 16];
static char pinned[1 << 25];
static size_t pinned_used;
static char *error_log;
static uintptr_t error_log_size;
static int events;

static CUresult note(const char *format, ...)
{
    size_t length = strlen(notes);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(notes + length, sizeof notes - length, format, arguments);
    va_end(arguments);
    strncat(notes, "\n", sizeof notes - strlen(notes) - 1);
    return 0;
}

#define AS(type, number) ((type)(uintptr_t)(number))
#define CONTEXT 0xC0000000001
#define STREAM 0x50000000001
#define LINKER 0x10000000001
#define MODULE 0x40000000001
#define FUNCTION 0xF0000000001
#define EVENT 0xE0000000000

const char *stub_notes(void) { return notes; }

CUresult cuInit(unsigned flags) { return note("cuInit %u", flags); }
CUresult cuDriverGetVersion(int *version) { *version = 12040; return 0; }
CUresult cuGetErrorName(CUresult error, const char **text) { *text = error == 218 ? "CUDA_ERROR_INVALID_PTX" : error == 2 ? "CUDA_ERROR_OUT_OF_MEMORY" : NULL; return *text ? 0 : 1; }
CUresult cuGetErrorString(CUresult error, const char **text) { *text = error == 218 ? "a PTX JIT compilation failed" : error == 2 ? "out of memory" : NULL; return *text ? 0 : 1; }

CUresult cuDeviceGetCount(int *count) { *count = 2; return 0; }
CUresult cuDeviceGet(CUdevice *device, int ordinal) { *device = 70 + ordinal; return 0; }
CUresult cuDeviceGetName(char *name, int length, CUdevice device) { snprintf(name, length, "Stub %d", device); return 0; }
CUresult cuDeviceTotalMem_v2(size_t *bytes, CUdevice device) { *bytes = device * ((size_t)1 << 30); return 0; }
CUresult cuDeviceGetAttribute(int *value, CUdevice_attribute attribute, CUdevice device)
{
    *value = attribute == 16 ? 132 : attribute == 75 ? 8 : attribute == 76 ? 6 : -1;
    return device < 70;
}
CUresult cuDevicePrimaryCtxRetain(CUcontext *context, CUdevice device) { *context = AS(CUcontext, CONTEXT); return note("cuDevicePrimaryCtxRetain %d", device); }
CUresult cuDevicePrimaryCtxRelease(CUdevice device) { return note("cuDevicePrimaryCtxRelease %d", device); }
CUresult cuCtxSetCurrent(CUcontext context) { return note("cuCtxSetCurrent %p", context); }
CUresult cuStreamCreate(CUstream *stream, unsigned flags) { *stream = AS(CUstream, STREAM); return note("cuStreamCreate %u", flags); }
CUresult cuStreamDestroy_v2(CUstream stream) { return note("cuStreamDestroy_v2 %p", stream); }
CUresult cuStreamSynchronize(CUstream stream) { return note("cuStreamSynchronize %p", stream); }

CUresult cuMemGetInfo_v2(size_t *free, size_t *total) { *free = (size_t)3 << 30; *total = (size_t)70 << 30; return 0; }
CUresult cuMemAlloc_v2(CUdeviceptr *memory, size_t bytes)
{
    if (bytes > (size_t)70 << 30)
        return 1;
    *memory = 0x7000000000000000;
    note("cuMemAlloc_v2 %zu", bytes);
    return bytes > (size_t)1 << 30 ? 2 : 0;
}
CUresult cuMemFree_v2(CUdeviceptr memory) { return note("cuMemFree_v2 %llx", memory); }
CUresult cuMemHostAlloc(void **memory, size_t bytes, unsigned flags)
{
    *memory = pinned + pinned_used;
    pinned_used += bytes;
    return note("cuMemHostAlloc %zu %u", bytes, flags);
}
CUresult cuMemFreeHost(void *memory) { return note("cuMemFreeHost +%td", (char *)memory - pinned); }
CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr to, const void *from, size_t bytes, CUstream stream)
{
    return note("cuMemcpyHtoDAsync_v2 %llx %g %zu %p", to, *(const float *)from, bytes, stream);
}
CUresult cuMemcpyDtoHAsync_v2(void *to, CUdeviceptr from, size_t bytes, CUstream stream)
{
    for (size_t i = 0; i < bytes / sizeof(float); i++)
        ((float *)to)[i] = 10.5f + i;
    return note("cuMemcpyDtoHAsync_v2 %llx %zu %p", from, bytes, stream);
}
CUresult cuMemsetD32Async(CUdeviceptr to, unsigned word, size_t words, CUstream stream) { return note("cuMemsetD32Async %llx %x %zu %p", to, word, words, stream); }

CUresult cuLinkCreate_v2(unsigned count, CUjit_option *options, void **values, CUlinkState *linker)
{
    note("cuLinkCreate_v2");
    for (unsigned i = 0; i < count; i++)
    {
        note("  option %d %s", options[i], options[i] == 6 ? "8192" : "");
        if (options[i] == 5)
            error_log = values[i];
        if (options[i] == 6)
            error_log_size = (uintptr_t)values[i];
    }
    *linker = AS(CUlinkState, LINKER);
    return error_log_size != 8192;
}
CUresult cuLinkAddData_v2(
    CUlinkState linker, CUjitInputType type, void *data, size_t size, const char *name, unsigned count, CUjit_option *options, void **values)
{
    note("cuLinkAddData_v2 %p %d '%s' %zu %d %u %d %d", linker, type, (char *)data, size, name != NULL, count, options != NULL, values != NULL);
    if (strstr(data, "wrong"))
    {
        snprintf(error_log, error_log_size, "ptxas application ptx input, line 7; fatal : Parsing error near 'wrong'");
        return 218;
    }
    return 0;
}
CUresult cuLinkComplete(CUlinkState linker, void **cubin, size_t *size)
{
    static char image[] = "machine code";
    *cubin = image;
    *size = sizeof image;
    return note("cuLinkComplete %p", linker);
}
CUresult cuLinkDestroy(CUlinkState linker) { return note("cuLinkDestroy %p", linker); }
CUresult cuModuleLoadData(CUmodule *module, const void *image) { *module = AS(CUmodule, MODULE); return note("cuModuleLoadData '%s'", (const char *)image); }
CUresult cuModuleUnload(CUmodule module) { return note("cuModuleUnload %p", module); }
CUresult cuModuleGetFunction(CUfunction *function, CUmodule module, const char *name) { *function = AS(CUfunction, FUNCTION); return note("cuModuleGetFunction %p '%s'", module, name); }
CUresult cuLaunchKernel(
    CUfunction function, unsigned gridX, unsigned gridY, unsigned gridZ, unsigned blockX, unsigned blockY, unsigned blockZ, unsigned shared,
    CUstream stream, void **parameters, void **extra)
{
    return note(
        "cuLaunchKernel %p grid %u %u %u block %u %u %u shared %u %p parameters %llx %g %d extra %d", function, gridX, gridY, gridZ, blockX, blockY, blockZ, shared,
        stream, *(CUdeviceptr *)parameters[0], *(float *)parameters[1], *(int *)parameters[2], extra != NULL);
}

CUresult cuEventCreate(CUevent *event, unsigned flags) { *event = AS(CUevent, EVENT + ++events); return note("cuEventCreate %u", flags); }
CUresult cuEventDestroy_v2(CUevent event) { return note("cuEventDestroy_v2 %p", event); }
CUresult cuEventRecord(CUevent event, CUstream stream) { return note("cuEventRecord %p %p", event, stream); }
CUresult cuEventSynchronize(CUevent event) { return note("cuEventSynchronize %p", event); }
CUresult cuEventElapsedTime(float *milliseconds, CUevent from, CUevent to) { *milliseconds = 1.25f; return note("cuEventElapsedTime %p %p", from, to); }
