namespace GanFromScratch.Tensors;

/// <summary>
/// The functions of OpenCL 1.2 that a device needs, from the loader that finds the vendors' drivers. Names and arguments are the
/// standard's.
/// </summary>
internal sealed unsafe class OpenClLibrary
{
    /// <summary>The loader's name on each system.</summary>
    public static readonly string[] Names = OperatingSystem.IsWindows() ? ["OpenCL.dll"]
        : OperatingSystem.IsMacOS() ? ["/System/Library/Frameworks/OpenCL.framework/OpenCL"]
        : ["libOpenCL.so.1", "libOpenCL.so"];

    public readonly delegate* unmanaged<uint, nint*, uint*, int> GetPlatformIDs;
    public readonly delegate* unmanaged<nint, uint, nuint, void*, nuint*, int> GetPlatformInfo;
    public readonly delegate* unmanaged<nint, ulong, uint, nint*, uint*, int> GetDeviceIDs;
    public readonly delegate* unmanaged<nint, uint, nuint, void*, nuint*, int> GetDeviceInfo;
    public readonly delegate* unmanaged<nint*, uint, nint*, void*, void*, int*, nint> CreateContext;
    public readonly delegate* unmanaged<nint, int> ReleaseContext;
    public readonly delegate* unmanaged<nint, nint, ulong, int*, nint> CreateCommandQueue;
    public readonly delegate* unmanaged<nint, int> ReleaseCommandQueue;
    public readonly delegate* unmanaged<nint, int> Flush;
    public readonly delegate* unmanaged<nint, int> Finish;

    public readonly delegate* unmanaged<nint, ulong, nuint, void*, int*, nint> CreateBuffer;
    public readonly delegate* unmanaged<nint, int> ReleaseMemObject;
    public readonly delegate* unmanaged<nint, nint, uint, ulong, nuint, nuint, uint, nint*, nint*, int*, void*> EnqueueMapBuffer;
    public readonly delegate* unmanaged<nint, nint, void*, uint, nint*, nint*, int> EnqueueUnmapMemObject;
    public readonly delegate* unmanaged<nint, nint, uint, nuint, nuint, void*, uint, nint*, nint*, int> EnqueueReadBuffer;
    public readonly delegate* unmanaged<nint, nint, uint, nuint, nuint, void*, uint, nint*, nint*, int> EnqueueWriteBuffer;
    public readonly delegate* unmanaged<nint, nint, void*, nuint, nuint, nuint, uint, nint*, nint*, int> EnqueueFillBuffer;

    public readonly delegate* unmanaged<nint, uint, byte**, nuint*, int*, nint> CreateProgramWithSource;
    public readonly delegate* unmanaged<nint, uint, nint*, nuint*, byte**, int*, int*, nint> CreateProgramWithBinary;
    public readonly delegate* unmanaged<nint, uint, nint*, byte*, void*, void*, int> BuildProgram;
    public readonly delegate* unmanaged<nint, uint, nuint, void*, nuint*, int> GetProgramInfo;
    public readonly delegate* unmanaged<nint, nint, uint, nuint, void*, nuint*, int> GetProgramBuildInfo;
    public readonly delegate* unmanaged<nint, int> ReleaseProgram;
    public readonly delegate* unmanaged<nint, byte*, int*, nint> CreateKernel;
    public readonly delegate* unmanaged<nint, int> ReleaseKernel;
    public readonly delegate* unmanaged<nint, uint, nuint, void*, int> SetKernelArg;
    public readonly delegate* unmanaged<nint, nint, uint, nuint*, nuint*, nuint*, uint, nint*, nint*, int> EnqueueNDRangeKernel;

    public readonly delegate* unmanaged<uint, nint*, int> WaitForEvents;
    public readonly delegate* unmanaged<nint, int> ReleaseEvent;
    public readonly delegate* unmanaged<nint, uint, nuint, void*, nuint*, int> GetEventProfilingInfo;

    /// <summary>Finds the functions in a library.</summary>
    public OpenClLibrary(DriverLibrary library)
    {
        GetPlatformIDs = (delegate* unmanaged<uint, nint*, uint*, int>)library["clGetPlatformIDs"];
        GetPlatformInfo = (delegate* unmanaged<nint, uint, nuint, void*, nuint*, int>)library["clGetPlatformInfo"];
        GetDeviceIDs = (delegate* unmanaged<nint, ulong, uint, nint*, uint*, int>)library["clGetDeviceIDs"];
        GetDeviceInfo = (delegate* unmanaged<nint, uint, nuint, void*, nuint*, int>)library["clGetDeviceInfo"];
        CreateContext = (delegate* unmanaged<nint*, uint, nint*, void*, void*, int*, nint>)library["clCreateContext"];
        ReleaseContext = (delegate* unmanaged<nint, int>)library["clReleaseContext"];
        CreateCommandQueue = (delegate* unmanaged<nint, nint, ulong, int*, nint>)library["clCreateCommandQueue"];
        ReleaseCommandQueue = (delegate* unmanaged<nint, int>)library["clReleaseCommandQueue"];
        Flush = (delegate* unmanaged<nint, int>)library["clFlush"];
        Finish = (delegate* unmanaged<nint, int>)library["clFinish"];

        CreateBuffer = (delegate* unmanaged<nint, ulong, nuint, void*, int*, nint>)library["clCreateBuffer"];
        ReleaseMemObject = (delegate* unmanaged<nint, int>)library["clReleaseMemObject"];
        EnqueueMapBuffer =
            (delegate* unmanaged<nint, nint, uint, ulong, nuint, nuint, uint, nint*, nint*, int*, void*>)library["clEnqueueMapBuffer"];
        EnqueueUnmapMemObject = (delegate* unmanaged<nint, nint, void*, uint, nint*, nint*, int>)library["clEnqueueUnmapMemObject"];
        EnqueueReadBuffer =
            (delegate* unmanaged<nint, nint, uint, nuint, nuint, void*, uint, nint*, nint*, int>)library["clEnqueueReadBuffer"];
        EnqueueWriteBuffer =
            (delegate* unmanaged<nint, nint, uint, nuint, nuint, void*, uint, nint*, nint*, int>)library["clEnqueueWriteBuffer"];
        EnqueueFillBuffer =
            (delegate* unmanaged<nint, nint, void*, nuint, nuint, nuint, uint, nint*, nint*, int>)library["clEnqueueFillBuffer"];

        CreateProgramWithSource = (delegate* unmanaged<nint, uint, byte**, nuint*, int*, nint>)library["clCreateProgramWithSource"];
        CreateProgramWithBinary =
            (delegate* unmanaged<nint, uint, nint*, nuint*, byte**, int*, int*, nint>)library["clCreateProgramWithBinary"];
        BuildProgram = (delegate* unmanaged<nint, uint, nint*, byte*, void*, void*, int>)library["clBuildProgram"];
        GetProgramInfo = (delegate* unmanaged<nint, uint, nuint, void*, nuint*, int>)library["clGetProgramInfo"];
        GetProgramBuildInfo = (delegate* unmanaged<nint, nint, uint, nuint, void*, nuint*, int>)library["clGetProgramBuildInfo"];
        ReleaseProgram = (delegate* unmanaged<nint, int>)library["clReleaseProgram"];
        CreateKernel = (delegate* unmanaged<nint, byte*, int*, nint>)library["clCreateKernel"];
        ReleaseKernel = (delegate* unmanaged<nint, int>)library["clReleaseKernel"];
        SetKernelArg = (delegate* unmanaged<nint, uint, nuint, void*, int>)library["clSetKernelArg"];
        EnqueueNDRangeKernel =
            (delegate* unmanaged<nint, nint, uint, nuint*, nuint*, nuint*, uint, nint*, nint*, int>)library["clEnqueueNDRangeKernel"];

        WaitForEvents = (delegate* unmanaged<uint, nint*, int>)library["clWaitForEvents"];
        ReleaseEvent = (delegate* unmanaged<nint, int>)library["clReleaseEvent"];
        GetEventProfilingInfo = (delegate* unmanaged<nint, uint, nuint, void*, nuint*, int>)library["clGetEventProfilingInfo"];
    }

    /// <summary>The loader of this machine.</summary>
    /// <exception cref="DeviceException">There is none.</exception>
    public static OpenClLibrary Open() => DriverLibrary.Find(Names) is { } library
        ? new OpenClLibrary(library)
        : throw new DeviceException(
            $"the OpenCL loader, {Names[0]}, isn't on this machine; a graphics driver or the package ocl-icd brings it");
}
