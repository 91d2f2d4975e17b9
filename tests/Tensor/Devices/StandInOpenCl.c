// An OpenCL driver without a platform, which notes each process that loads it, and the most that a crash of it may dump.
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

int clIcdGetPlatformIDsKHR(unsigned count, void *platforms, unsigned *found)
{
#ifdef ABORTS_WHEN_CALLED
    abort();
#endif
    if (found)
        *found = 0;
    return -1001; // CL_PLATFORM_NOT_FOUND_KHR
}

void *clGetExtensionFunctionAddress(const char *name)
{
    return name[2] == 'I' ? clIcdGetPlatformIDsKHR : 0;
}

int clGetPlatformInfo(void *platform, unsigned name, size_t size, void *value, size_t *needed)
{
    return -32; // CL_INVALID_PLATFORM
}

__attribute__((constructor)) static void Loaded(void)
{
    struct rlimit dump;
    getrlimit(RLIMIT_CORE, &dump);
    FILE *loads = fopen(LOADS, "a");
    fprintf(loads, "%d %lu\n", (int)getpid(), (unsigned long)dump.rlim_cur);
    fclose(loads);
    puts("gan-opencl-probe-like noise"); // of a driver that says something on standard output
    fprintf(stderr, "noise\n");
#ifdef ABORTS_WHEN_LOADED
    abort();
#endif
#ifdef EXITS
    exit(0);
#endif
#ifdef HANGS
    for (;;)
        pause();
#endif
#ifdef CLASHES // as two drivers do that bring one LLVM each
    if (getenv("STAND_IN_IS_HERE"))
        abort();
    setenv("STAND_IN_IS_HERE", "1", 1);
#endif
}
