using System.Runtime.InteropServices;
using ILGPU.Runtime.Cuda;

namespace GanFromScratch.Tensors;

/// <summary>Asks NVIDIA's driver for its devices.</summary>
internal static partial class CudaFinder
{
    private const int NoDevice = 100; // CUDA_ERROR_NO_DEVICE

    /// <summary>Finds all devices, those that can't be used among them; ILGPU's own list leaves out why there are none.</summary>
    public static (DeviceList List, IReadOnlyList<CudaDevice?> Devices) Find()
    {
        if (DriverLibraries.Load(DriverLibraries.CudaFile) == 0)
            return None($"NVIDIA's driver, {DriverLibraries.CudaFile}, isn't on this machine");
        CudaDevice[] devices;
        try
        {
            int code = Init(0);
            if (code == NoDevice)
                return None("NVIDIA's driver is there, but it finds no device");
            if (code != 0)
                return None($"its driver fails: cuInit gave {(CudaError)code}");
            devices = [.. CudaDevice.GetDevices(_ => true).OfType<CudaDevice>()];
        }
        catch (Exception fault) when (fault is EntryPointNotFoundException or BadImageFormatException)
        {
            return None($"the library {DriverLibraries.CudaFile} is no driver of NVIDIA's, or too old; update the driver");
        }
        return devices.Length == 0
            ? None("NVIDIA's driver is there, but it has no device that it can describe")
            : (new DeviceList([.. devices.Select(Describe)], null), devices);
    }

    private static DeviceDescription Describe(CudaDevice device, int number)
    {
        string version = $"{device.DriverVersion.Major}.{device.DriverVersion.Minor}";
        string? refusal = device.InstructionSet is null || device.Architecture is null
            ? $"its driver is too old: it serves CUDA {version}, which knows no instructions for {device.Architecture}; update the driver"
            : null;
        return new DeviceDescription(
            $"cuda:{number}", device.Name, $"NVIDIA driver for CUDA {version}", (ulong)device.MemorySize, IsCpu: false, IsGpu: true, refusal);
    }

    private static (DeviceList, IReadOnlyList<CudaDevice?>) None(string why) => (new DeviceList([], why), []);

    [LibraryImport(DriverLibraries.Cuda, EntryPoint = "cuInit")]
    private static partial int Init(uint flags);
}
