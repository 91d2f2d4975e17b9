using System.Runtime.InteropServices;
using ILGPU.Runtime.Cuda;

namespace GanFromScratch.Tensors;

/// <summary>Lists the devices of NVIDIA's driver.</summary>
internal static partial class CudaFinder
{
    private const int NoDevice = 100; // CUDA_ERROR_NO_DEVICE

    /// <summary>Finds all devices, unusable ones included; unlike ILGPU's own list it says why there are none.</summary>
    public static (DeviceList List, IReadOnlyList<CudaDevice?> Devices) Find()
    {
        if (DriverLibraries.Load(DriverLibraries.CudaFile) == 0)
            return None($"NVIDIA's driver, {DriverLibraries.CudaFile}, isn't on this machine", hasDriver: false);
        try
        {
            int code = Init(0);
            if (code == NoDevice)
                return None("NVIDIA's driver is there, but it finds no device");
            if (code != 0)
                return None($"its driver fails: cuInit gave {Words(code)}");
            if (CudaAPI.CurrentAPI.GetDeviceCount(out int count) != CudaError.CUDA_SUCCESS || count == 0)
                return None("NVIDIA's driver is there, but it has no device");
            var known = CudaDevice.GetDevices(_ => true).OfType<CudaDevice>().ToDictionary(device => device.DeviceId);
            CudaDevice?[] devices = [.. Enumerable.Range(0, count).Select(known.GetValueOrDefault)];
            var descriptions = devices.Select((device, number) => device is null ? Undescribed(number) : Describe(device, number));
            return (new DeviceList([.. descriptions], null), devices);
        }
        catch (Exception fault) when (fault is EntryPointNotFoundException or BadImageFormatException)
        {
            return None($"the library {DriverLibraries.CudaFile} is no driver of NVIDIA's, or too old; update the driver");
        }
    }

    private static DeviceDescription Describe(CudaDevice device, int number)
    {
        var version = device.DriverVersion;
        bool serves = CudaAccelerator.TryGetInstructionSet(device.Architecture!.Value, version, out var least, out _);
        string? refusal = serves ? null : $"its driver is too old: it serves CUDA {version}, and {least} is needed; update the driver";
        return Description(number, device.Name, $"NVIDIA driver for CUDA {version}", device.MemorySize, refusal) with
        {
            ComputeCapability = new Version(device.Architecture.Value.Major, device.Architecture.Value.Minor),
        };
    }

    // ILGPU's list ends before the first device that it doesn't know, such as one older than Kepler.
    private static DeviceDescription Undescribed(int number)
    {
        var api = CudaAPI.CurrentAPI;
        string refusal = api.GetDeviceComputeCapability(out int major, out int minor, number) == CudaError.CUDA_SUCCESS && major < 3
            ? $"its compute capability is {major}.{minor}, and 3.0 is needed"
            : "its driver doesn't describe it, or it comes after a device that is too old; CUDA_VISIBLE_DEVICES can leave that one out";
        _ = api.GetDeviceName(out string? name, number);
        _ = api.GetTotalDeviceMemory(out long memory, number);
        return Description(number, name ?? "a device", "NVIDIA driver", memory, refusal);
    }

    private static DeviceDescription Description(int number, string name, string driver, long memory, string? refusal) =>
        new($"cuda:{number}", name, driver, (ulong)memory, IsCpu: false, IsGpu: true, refusal);

    // ILGPU asks for no words where cuInit fails, and knows the names of few codes that it fails with.
    private static string Words(int code)
    {
        string name = Enum.IsDefined((CudaError)code) ? $"{(CudaError)code}" : $"the error {code}";
        return GetErrorString(code, out nint words) == 0 && Marshal.PtrToStringUTF8(words) is { } text ? $"{name} ({text})" : name;
    }

    private static (DeviceList, IReadOnlyList<CudaDevice?>) None(string why, bool hasDriver = true) =>
        (new DeviceList([], why) { HasDriver = hasDriver }, []);

    [LibraryImport(DriverLibraries.Cuda, EntryPoint = "cuInit")]
    private static partial int Init(uint flags);

    [LibraryImport(DriverLibraries.Cuda, EntryPoint = "cuGetErrorString")]
    private static partial int GetErrorString(int code, out nint words);
}
