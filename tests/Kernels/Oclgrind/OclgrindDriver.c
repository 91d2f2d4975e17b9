// Oclgrind as a driver of OpenCL C 2.0, which ILGPU asks for: its compiler has that, but the device says 1.2. All else is its own.
#include <dlfcn.h>
#include <string.h>

enum { DEVICE_OPENCL_C_VERSION = 0x103D, INVALID_VALUE = -30 };
enum { PLACE_OF_DEVICE_INFO = 3 }; // in the table that platforms and devices begin with

typedef int (*InfoFunction)(void *, unsigned, size_t, void *, size_t *);
typedef int (*PlatformsFunction)(unsigned, void **, unsigned *);
typedef void *(*AddressFunction)(const char *);

static InfoFunction DeviceInfo;

static void *Of(const char *name)
{
    static void *driver;
    if (!driver)
        driver = dlopen(DRIVER, RTLD_NOW | RTLD_LOCAL);
    return driver ? dlsym(driver, name) : 0;
}

static int GetDeviceInfo(void *device, unsigned what, size_t size, void *value, size_t *needed)
{
    static const char version[] = "OpenCL C 2.0 ";
    if (what != DEVICE_OPENCL_C_VERSION)
        return DeviceInfo(device, what, size, value, needed);
    if (value && size < sizeof version)
        return INVALID_VALUE;
    if (value)
        memcpy(value, version, sizeof version);
    if (needed)
        *needed = sizeof version;
    return 0;
}

int clIcdGetPlatformIDsKHR(unsigned count, void **platforms, unsigned *found)
{
    int result = ((PlatformsFunction)Of("clIcdGetPlatformIDsKHR"))(count, platforms, found);
    if (result == 0 && platforms && count > 0 && !DeviceInfo) {
        void **functions = *(void ***)platforms[0];
        DeviceInfo = (InfoFunction)functions[PLACE_OF_DEVICE_INFO];
        functions[PLACE_OF_DEVICE_INFO] = (void *)GetDeviceInfo;
    }
    return result;
}

int clGetPlatformInfo(void *platform, unsigned what, size_t size, void *value, size_t *needed)
{
    return ((InfoFunction)Of("clGetPlatformInfo"))(platform, what, size, value, needed);
}

void *clGetExtensionFunctionAddress(const char *name)
{
    if (strcmp(name, "clIcdGetPlatformIDsKHR") == 0)
        return (void *)clIcdGetPlatformIDsKHR;
    return ((AddressFunction)Of("clGetExtensionFunctionAddress"))(name);
}
