/* A libcuda whose kernels do nothing, and whose device is lost after as many launches as LOST_AFTER says: what a training run meets when a graphics
   card fails. Memory is the host's, and zeros. How many launches there were is written to the file LAUNCHES. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef int CUresult;
typedef unsigned long long CUdeviceptr;

static long launches;
static int lost;

#define LIVE (lost ? 719 : 0) /* CUDA_ERROR_LAUNCH_FAILED: every later call gives it too */

CUresult cuInit(unsigned flags) { return 0; }
CUresult cuDriverGetVersion(int *version) { *version = 12040; return 0; }
CUresult cuGetErrorName(CUresult error, const char **name) { *name = "CUDA_ERROR_LAUNCH_FAILED"; return 0; }
CUresult cuGetErrorString(CUresult error, const char **words) { *words = "unspecified launch failure"; return 0; }
CUresult cuDeviceGetCount(int *count) { *count = 1; return 0; }
CUresult cuDeviceGet(int *device, int number) { *device = number; return 0; }
CUresult cuDeviceGetName(char *name, int size, int device) { strncpy(name, "Failing Card", (size_t)size); return 0; }
CUresult cuDeviceTotalMem_v2(size_t *bytes, int device) { *bytes = (size_t)1 << 30; return 0; }
CUresult cuDeviceGetAttribute(int *value, int attribute, int device) { *value = attribute == 75 ? 8 : attribute == 76 ? 0 : 1; return 0; }
CUresult cuDevicePrimaryCtxRetain(void **context, int device) { *context = &launches; return 0; }
CUresult cuDevicePrimaryCtxRelease(int device)
{
    FILE *file = fopen(getenv("LAUNCHES"), "w");
    if (file != NULL)
    {
        fprintf(file, "%ld", launches);
        fclose(file);
    }
    return LIVE;
}
CUresult cuCtxSetCurrent(void *context) { return 0; }
CUresult cuStreamCreate(void **stream, unsigned flags) { *stream = &launches; return 0; }
CUresult cuStreamDestroy_v2(void *stream) { return LIVE; }
CUresult cuStreamSynchronize(void *stream) { return LIVE; }
CUresult cuMemGetInfo_v2(size_t *free, size_t *total) { *free = *total = (size_t)1 << 30; return 0; }
CUresult cuMemAlloc_v2(CUdeviceptr *memory, size_t bytes) { *memory = (uintptr_t)calloc(1, bytes); return LIVE; }
CUresult cuMemFree_v2(CUdeviceptr memory) { return LIVE; }
CUresult cuMemHostAlloc(void **memory, size_t bytes, unsigned flags) { *memory = calloc(1, bytes); return LIVE; }
CUresult cuMemFreeHost(void *memory) { return LIVE; }
CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr to, const void *from, size_t bytes, void *stream) { memcpy((void *)(uintptr_t)to, from, bytes); return LIVE; }
CUresult cuMemcpyDtoHAsync_v2(void *to, CUdeviceptr from, size_t bytes, void *stream) { memcpy(to, (void *)(uintptr_t)from, bytes); return LIVE; }
CUresult cuMemsetD32Async(CUdeviceptr to, unsigned word, size_t words, void *stream)
{
    for (size_t i = 0; i < words; i++)
        ((unsigned *)(uintptr_t)to)[i] = word;
    return LIVE;
}
CUresult cuLinkCreate_v2(unsigned count, int *options, void **values, void **linker) { *linker = &launches; return 0; }
CUresult cuLinkAddData_v2(void *linker, int type, void *data, size_t size, const char *name, unsigned count, int *options, void **values) { return 0; }
CUresult cuLinkComplete(void *linker, void **cubin, size_t *size) { *cubin = "code"; *size = 4; return 0; }
CUresult cuLinkDestroy(void *linker) { return 0; }
CUresult cuModuleLoadData(void **module, const void *image) { *module = &launches; return 0; }
CUresult cuModuleUnload(void *module) { return LIVE; }
CUresult cuModuleGetFunction(void **function, void *module, const char *name) { *function = &launches; return 0; }
CUresult cuLaunchKernel(void *function, unsigned x, unsigned y, unsigned z, unsigned bx, unsigned by, unsigned bz, unsigned shared, void *stream,
    void **parameters, void **extra)
{
    const char *after = getenv("LOST_AFTER");
    lost |= after && ++launches > atol(after);
    return LIVE;
}
CUresult cuEventCreate(void **event, unsigned flags) { *event = &lost; return 0; }
CUresult cuEventDestroy_v2(void *event) { return 0; }
CUresult cuEventRecord(void *event, void *stream) { return LIVE; }
CUresult cuEventSynchronize(void *event) { return LIVE; }
CUresult cuEventElapsedTime(float *milliseconds, void *from, void *to) { *milliseconds = 0; return 0; }
