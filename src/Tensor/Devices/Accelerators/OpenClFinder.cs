using System.Runtime.CompilerServices;
using ILGPU.Backends.OpenCL;
using ILGPU.Runtime.OpenCL;

namespace GanFromScratch.Tensors;

/// <summary>Asks the OpenCL loader for all devices of all drivers, in its order.</summary>
internal static class OpenClFinder
{
    private const int LeastThreadsOfGroup = 256; // kernels are written for groups of so many
    private const int MostDevices = 64;

    /// <summary>Finds all devices, those that can't be used among them. The loader is given only drivers that child processes could load.</summary>
    public static (DeviceList List, IReadOnlyList<CLDevice?> Devices) Find()
    {
        var drivers = LoadableDrivers.Prepare();
        var (list, devices) = drivers.AnyLeft ? FindLoaded() : (new DeviceList([], "none of its drivers can be used"), []);
        return (list with { LeftOut = drivers.LeftOut }, devices);
    }

    private static (DeviceList List, IReadOnlyList<CLDevice?> Devices) FindLoaded()
    {
        const string NoDriver = "the OpenCL loader is there, but no driver with a device; a graphics driver brings one, or pocl for the processor";
        if (DriverLibraries.Load(DriverLibraries.OpenClFile) == 0)
        {
            return (new DeviceList([], $"the OpenCL loader, {DriverLibraries.OpenClFile}, isn't on this machine; a graphics driver or the package ocl-icd brings it"), []);
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
                var found = new nint[MostDevices];
                if (cl.GetDevices(platform, CLDeviceType.CL_DEVICE_TYPE_ALL, found, out int number) != CLError.CL_SUCCESS)
                    continue; // a driver whose hardware is missing
                foreach (nint device in found[..Math.Min(number, MostDevices)])
                {
                    var described = new CLDevice(platform, device);
                    descriptions.Add(Describe(described, descriptions.Count));
                    devices.Add(described);
                }
            }
            catch (Exception fault) when (AcceleratorFault.Is(fault)) // one driver that is broken hides none of the others
            {
                descriptions.Add(new DeviceDescription(
                    $"opencl:{descriptions.Count}", "a device", "an OpenCL driver", 0, IsCpu: false, IsGpu: false, $"its driver fails: {AcceleratorFault.Describe(fault)}"));
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
            : device.CLStdVersion < CLCVersion.CL12 ? $"it has OpenCL C {device.CLStdVersion.Major}.{device.CLStdVersion.Minor}, and 1.2 is needed"
            : device.MaxNumThreadsPerGroup < LeastThreadsOfGroup
                ? $"its groups have at most {device.MaxNumThreadsPerGroup} threads, and kernels are written for {LeastThreadsOfGroup}"
            : null;
        // ILGPU refuses devices without a generic address space, such as PoCL 3.1 and those of OpenCL 1.2: no kernel here needs one. Its setter isn't public.
        SetGenericAddressSpace(device.Capabilities, true);
        string driver = $"{device.PlatformName} {cl.GetDeviceInfo(id, CLDeviceInfoType.CL_DRIVER_VERSION)}";
        return new DeviceDescription(
            $"opencl:{number}", device.Name, driver, (ulong)device.MemorySize,
            (device.DeviceType & CLDeviceType.CL_DEVICE_TYPE_CPU) != 0, (device.DeviceType & CLDeviceType.CL_DEVICE_TYPE_GPU) != 0, refusal);
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "set_GenericAddressSpace")]
    private static extern void SetGenericAddressSpace(CLCapabilityContext capabilities, bool value);
}
