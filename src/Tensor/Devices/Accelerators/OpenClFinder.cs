using System.Runtime.CompilerServices;
using ILGPU.Backends.OpenCL;
using ILGPU.Runtime.OpenCL;

namespace GanFromScratch.Tensors;

/// <summary>Lists the devices of all OpenCL drivers, in the loader's order.</summary>
internal static class OpenClFinder
{
    private const int MinGroupThreads = 256; // which kernels are written for
    private const int MaxDevices = 64;

    /// <summary>Finds all devices, unusable ones included. The loader is shown only drivers that child processes could load.</summary>
    public static (DeviceList List, IReadOnlyList<CLDevice?> Devices) Find()
    {
        var drivers = LoadableDrivers.Prepare();
        var (list, devices) = drivers.AnyLeft ? FindLoaded() : (new DeviceList([], "none of its drivers can be used"), []);
        return (list with { LeftOut = drivers.LeftOut }, devices);
    }

    private static (DeviceList List, IReadOnlyList<CLDevice?> Devices) FindLoaded()
    {
        const string NoDriver =
            "the OpenCL loader is there, but no driver with a device; a graphics driver brings one, or pocl for the processor";
        if (DriverLibraries.Load(DriverLibraries.OpenClFile) == 0)
        {
            string noLoader = $"the OpenCL loader, {DriverLibraries.OpenClFile}, isn't on this machine; "
                + "a graphics driver or the package ocl-icd brings it";
            return (new DeviceList([], noLoader), []);
        }
        var cl = CLAPI.CurrentAPI;
        if (!cl.IsSupported || cl.GetNumPlatforms(out int count) != CLError.CL_SUCCESS || count < 1)
            return (new DeviceList([], NoDriver), []);
        var platforms = new nint[count];
        if (cl.GetPlatforms(platforms, ref count) != CLError.CL_SUCCESS)
            return (new DeviceList([], NoDriver), []);

        List<DeviceDescription> descriptions = [];
        List<CLDevice?> devices = [];
        foreach (nint platform in platforms)
        {
            try
            {
                var found = new nint[MaxDevices];
                if (cl.GetDevices(platform, CLDeviceType.CL_DEVICE_TYPE_ALL, found, out int number) != CLError.CL_SUCCESS)
                    continue; // a driver whose hardware is missing
                foreach (nint device in found[..Math.Min(number, MaxDevices)])
                {
                    var described = new CLDevice(platform, device);
                    descriptions.Add(Describe(described, descriptions.Count));
                    devices.Add(described);
                }
            }
            catch (Exception fault) when (AcceleratorFault.Is(fault)) // one driver that is broken hides none of the others
            {
                string refusal = $"its driver fails: {AcceleratorFault.Describe(fault)}", name = $"opencl:{descriptions.Count}";
                descriptions.Add(new DeviceDescription(name, "a device", "an OpenCL driver", 0, IsCpu: false, IsGpu: false, refusal));
                devices.Add(null);
            }
        }
        return (new DeviceList(descriptions, descriptions.Count > 0 ? null : NoDriver), devices);
    }

    private static DeviceDescription Describe(CLDevice device, int number)
    {
        var (cl, id) = (CLAPI.CurrentAPI, device.DeviceId);
        string? refusal =
            cl.GetDeviceInfo<int>(id, CLDeviceInfoType.CL_DEVICE_AVAILABLE) == 0 ? "its driver says that it isn't available now"
            : cl.GetDeviceInfo<int>(id, CLDeviceInfoType.CL_DEVICE_COMPILER_AVAILABLE) == 0 ? "its driver has no compiler"
            : device.CLStdVersion < CLCVersion.CL12
                ? $"it has OpenCL C {device.CLStdVersion.Major}.{device.CLStdVersion.Minor}, and 1.2 is needed"
            : device.MaxNumThreadsPerGroup < MinGroupThreads
                ? $"its groups have at most {device.MaxNumThreadsPerGroup} threads, and kernels are written for {MinGroupThreads}"
            : null;
        // ILGPU refuses devices without a generic address space, such as PoCL 3.1 and those of OpenCL 1.2, which no kernel here needs.
        // Its setter isn't public.
        SetGenericAddressSpace(device.Capabilities, true);
        string driver = $"{device.PlatformName} {cl.GetDeviceInfo(id, CLDeviceInfoType.CL_DRIVER_VERSION)}";
        bool isCpu = device.DeviceType.HasFlag(CLDeviceType.CL_DEVICE_TYPE_CPU);
        bool isGpu = device.DeviceType.HasFlag(CLDeviceType.CL_DEVICE_TYPE_GPU);
        return new DeviceDescription($"opencl:{number}", device.Name, driver, (ulong)device.MemorySize, isCpu, isGpu, refusal);
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "set_GenericAddressSpace")]
    private static extern void SetGenericAddressSpace(CLCapabilityContext capabilities, bool value);
}
