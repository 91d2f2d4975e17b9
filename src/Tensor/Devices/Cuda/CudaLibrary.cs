namespace GanFromScratch.Tensors;

/// <summary>
/// The functions of NVIDIA's driver that <see cref="CudaDriver"/> needs, with their arguments as in `cuda.h`. Where that header renames a
/// function, its name in the library ends in `_v2`.
/// </summary>
internal sealed unsafe class CudaLibrary
{
    public readonly delegate* unmanaged<uint, int> Init;
    public readonly delegate* unmanaged<int*, int> DriverGetVersion;
    public readonly delegate* unmanaged<int, byte**, int> GetErrorName;
    public readonly delegate* unmanaged<int, byte**, int> GetErrorString;

    public readonly delegate* unmanaged<int*, int> DeviceGetCount;
    public readonly delegate* unmanaged<int*, int, int> DeviceGet;
    public readonly delegate* unmanaged<byte*, int, int, int> DeviceGetName;
    public readonly delegate* unmanaged<nuint*, int, int> DeviceTotalMem;
    public readonly delegate* unmanaged<int*, int, int, int> DeviceGetAttribute;
    public readonly delegate* unmanaged<nint*, int, int> DevicePrimaryCtxRetain;
    public readonly delegate* unmanaged<int, int> DevicePrimaryCtxRelease;
    public readonly delegate* unmanaged<nint, int> CtxSetCurrent;
    public readonly delegate* unmanaged<nint*, uint, int> StreamCreate;
    public readonly delegate* unmanaged<nint, int> StreamDestroy;
    public readonly delegate* unmanaged<nint, int> StreamSynchronize;

    public readonly delegate* unmanaged<nuint*, nuint*, int> MemGetInfo;
    public readonly delegate* unmanaged<ulong*, nuint, int> MemAlloc;
    public readonly delegate* unmanaged<ulong, int> MemFree;
    public readonly delegate* unmanaged<void**, nuint, uint, int> MemHostAlloc;
    public readonly delegate* unmanaged<void*, int> MemFreeHost;
    public readonly delegate* unmanaged<ulong, void*, nuint, nint, int> MemcpyHtoDAsync;
    public readonly delegate* unmanaged<void*, ulong, nuint, nint, int> MemcpyDtoHAsync;
    public readonly delegate* unmanaged<ulong, uint, nuint, nint, int> MemsetD32Async;

    public readonly delegate* unmanaged<uint, int*, void**, nint*, int> LinkCreate;
    public readonly delegate* unmanaged<nint, int, void*, nuint, byte*, uint, int*, void**, int> LinkAddData;
    public readonly delegate* unmanaged<nint, void**, nuint*, int> LinkComplete;
    public readonly delegate* unmanaged<nint, int> LinkDestroy;
    public readonly delegate* unmanaged<nint*, void*, int> ModuleLoadData;
    public readonly delegate* unmanaged<nint, int> ModuleUnload;
    public readonly delegate* unmanaged<nint*, nint, byte*, int> ModuleGetFunction;
    public readonly delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, int> LaunchKernel;

    public readonly delegate* unmanaged<nint*, uint, int> EventCreate;
    public readonly delegate* unmanaged<nint, int> EventDestroy;
    public readonly delegate* unmanaged<nint, nint, int> EventRecord;
    public readonly delegate* unmanaged<nint, int> EventSynchronize;
    public readonly delegate* unmanaged<float*, nint, nint, int> EventElapsedTime;

    /// <summary>Finds the functions in a library.</summary>
    public CudaLibrary(DriverLibrary library)
    {
        Init = (delegate* unmanaged<uint, int>)library["cuInit"];
        DriverGetVersion = (delegate* unmanaged<int*, int>)library["cuDriverGetVersion"];
        GetErrorName = (delegate* unmanaged<int, byte**, int>)library["cuGetErrorName"];
        GetErrorString = (delegate* unmanaged<int, byte**, int>)library["cuGetErrorString"];

        DeviceGetCount = (delegate* unmanaged<int*, int>)library["cuDeviceGetCount"];
        DeviceGet = (delegate* unmanaged<int*, int, int>)library["cuDeviceGet"];
        DeviceGetName = (delegate* unmanaged<byte*, int, int, int>)library["cuDeviceGetName"];
        DeviceTotalMem = (delegate* unmanaged<nuint*, int, int>)library["cuDeviceTotalMem_v2"];
        DeviceGetAttribute = (delegate* unmanaged<int*, int, int, int>)library["cuDeviceGetAttribute"];
        DevicePrimaryCtxRetain = (delegate* unmanaged<nint*, int, int>)library["cuDevicePrimaryCtxRetain"];
        DevicePrimaryCtxRelease = (delegate* unmanaged<int, int>)library["cuDevicePrimaryCtxRelease"];
        CtxSetCurrent = (delegate* unmanaged<nint, int>)library["cuCtxSetCurrent"];
        StreamCreate = (delegate* unmanaged<nint*, uint, int>)library["cuStreamCreate"];
        StreamDestroy = (delegate* unmanaged<nint, int>)library["cuStreamDestroy_v2"];
        StreamSynchronize = (delegate* unmanaged<nint, int>)library["cuStreamSynchronize"];

        MemGetInfo = (delegate* unmanaged<nuint*, nuint*, int>)library["cuMemGetInfo_v2"];
        MemAlloc = (delegate* unmanaged<ulong*, nuint, int>)library["cuMemAlloc_v2"];
        MemFree = (delegate* unmanaged<ulong, int>)library["cuMemFree_v2"];
        MemHostAlloc = (delegate* unmanaged<void**, nuint, uint, int>)library["cuMemHostAlloc"];
        MemFreeHost = (delegate* unmanaged<void*, int>)library["cuMemFreeHost"];
        MemcpyHtoDAsync = (delegate* unmanaged<ulong, void*, nuint, nint, int>)library["cuMemcpyHtoDAsync_v2"];
        MemcpyDtoHAsync = (delegate* unmanaged<void*, ulong, nuint, nint, int>)library["cuMemcpyDtoHAsync_v2"];
        MemsetD32Async = (delegate* unmanaged<ulong, uint, nuint, nint, int>)library["cuMemsetD32Async"];

        LinkCreate = (delegate* unmanaged<uint, int*, void**, nint*, int>)library["cuLinkCreate_v2"];
        LinkAddData = (delegate* unmanaged<nint, int, void*, nuint, byte*, uint, int*, void**, int>)library["cuLinkAddData_v2"];
        LinkComplete = (delegate* unmanaged<nint, void**, nuint*, int>)library["cuLinkComplete"];
        LinkDestroy = (delegate* unmanaged<nint, int>)library["cuLinkDestroy"];
        ModuleLoadData = (delegate* unmanaged<nint*, void*, int>)library["cuModuleLoadData"];
        ModuleUnload = (delegate* unmanaged<nint, int>)library["cuModuleUnload"];
        ModuleGetFunction = (delegate* unmanaged<nint*, nint, byte*, int>)library["cuModuleGetFunction"];
        LaunchKernel =
            (delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, int>)library["cuLaunchKernel"];

        EventCreate = (delegate* unmanaged<nint*, uint, int>)library["cuEventCreate"];
        EventDestroy = (delegate* unmanaged<nint, int>)library["cuEventDestroy_v2"];
        EventRecord = (delegate* unmanaged<nint, nint, int>)library["cuEventRecord"];
        EventSynchronize = (delegate* unmanaged<nint, int>)library["cuEventSynchronize"];
        EventElapsedTime = (delegate* unmanaged<float*, nint, nint, int>)library["cuEventElapsedTime"];
    }
}
